import HymbaCheckpoints
import HymbaFormat
import TestSupport

/// A recorded GGUF file with some tensors changed.
struct BrokenGGUF {
  private let folder: TemporaryFolder
  var path: String { folder.file("model.gguf") }

  /// - Parameter change: Is given the tensors as F32, by name. Each is stored again in the type that it had.
  init(_ file: String, _ change: (inout [String: Tensor]) throws -> Void) throws {
    self.folder = try TemporaryFolder()
    let source = try GGUFSource(Fixture.path("gguf", file))
    var tensors: [String: Tensor] = [:]
    for tensor in source.tensors {
      tensors[tensor.name] = Tensor(tensor.shape.dimensions, [Float](try source.bytes(of: tensor)))
    }
    try change(&tensors)
    let entries = source.tensors.compactMap { tensor in
      tensors[tensor.name].map {
        MemorySource.Entry(tensor.name, .float32, $0.dimensions, $0.values.littleEndianBytes)
      }
    }
    try GGUFWriter.write(
      MemorySource(entries),
      as: { tensor in
        source.tensors[tensor.name].flatMap(source.storedType).flatMap(GGUFType.init(name:)) ?? .f32
      }, keys: source.keys.entries { _ in true }, to: path, replace: false, jobs: 1)
  }

  struct Tensor {
    var dimensions: [Int]
    var values: [Float]

    init(_ dimensions: [Int], _ values: [Float]) { (self.dimensions, self.values) = (dimensions, values) }

    var transposed: [Float] {
      let (rows, columns) = (dimensions[0], dimensions[1])
      return (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
    }
  }

  /// The numbers of a tensor of a recorded set, which is F32.
  static func original(
    _ set: String, _ name: String, file: String = "model.safetensors"
  ) throws -> [Float] {
    let source = try SafetensorsSource(Fixture.path(set, file))
    guard let tensor = source.tensors[name] else { throw FormatError.noSuchTensor(name) }
    return [Float](try source.bytes(of: tensor))
  }
}

extension [Float] {
  /// Little-endian F32.
  init(_ bytes: [UInt8]) {
    self = stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) })
    }
  }
}
