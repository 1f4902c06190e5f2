import HymbaFormat

/// A program that needs containers and safetensors alone: `containers MODEL COPY` lists the tensors of a model, writes
/// them as a safetensors file, and shows the fingerprint of that file.
@main
struct Containers {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else { return print("usage: containers MODEL COPY") }
    let model = try CheckpointFile.openSafetensors(arguments[1])
    for tensor in model.tensors {
      print(tensor.name, tensor.type.rawValue, tensor.shape)
    }
    try SafetensorsWriter.write(model, to: arguments[2], replace: true)
    let copy = try SafetensorsSource(arguments[2])
    let digests = try copy.tensors.map { ($0, SHA256Digest(of: try copy.bytes(of: $0))) }
    print("fingerprint", Fingerprint.compute(digests))
  }
}
