import HymbaFormat

/// What the name of an output promises.
public enum OutputName {
  /// Endings of what an export writes beside containers.
  private static let exported = [".safetensors", ".nx"]

  /// Endings of files that are not written, or not alone.
  private static let foreign = [
    ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".npz", ".npy", ".h5", ".hdf5", ".keras", ".gguf",
    ".ggml", ".onnx", ".msgpack", ".json", ".zip", ".tar", ".txt", ".md", ".py",
  ]

  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a name under which nobody looks for a container.
  public static func requireContainer(_ output: String) throws {
    try requireFile(output)
    guard !isFolder(output) else { return }
    let name = FileSystem.name(of: output).printable
    if let ending = ending(of: output, among: exported) {
      throw ConversionError.exportImpossible(
        "“\(name)” is the name of a \(ending) file, and this writes a container; name it “\(name.dropLast(ending.count)).hymba”, or write \(ending) with hymba-convert export SOURCE -o “\(name)”"
      )
    }
    if let ending = ending(of: output, among: foreign) {
      throw ConversionError.exportImpossible(
        "\(ending) files are not written; name a .hymba file, or write .safetensors or .nx with hymba-convert export"
      )
    }
  }

  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a name of a form that is not written.
  static func requireExport(_ output: String) throws {
    try requireFile(output)
    guard !isFolder(output), let ending = ending(of: output, among: foreign) else { return }
    throw ConversionError.exportImpossible(
      "\(ending) files are not written; name a .safetensors, .nx or .hymba file, or a folder")
  }

  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a name under which nobody looks for tensors in
  ///   safetensors; a name without an ending is any file's.
  public static func requireTensors(_ output: String) throws {
    try requireFile(output, option: "--save-outputs")
    let name = FileSystem.name(of: output)
    guard !isFolder(output) else {
      throw ConversionError.exportImpossible("“\(name.printable)” is a folder; name a file")
    }
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return }
    let (stem, ending) = (String(name[..<dot]), String(name[dot...]))
    guard ending.lowercased() != ".safetensors" else { return }
    throw ConversionError.exportImpossible(
      "“\(name.printable)” ends in \(ending.printable), and this writes safetensors; name it “\(stem.printable).safetensors”"
    )
  }

  /// Whether it is a folder, or is to be one.
  public static func isFolder(_ output: String) -> Bool {
    output.hasSuffix("/") || FileSystem.isDirectory(output)
  }

  private static func requireFile(_ output: String, option: String = "-o") throws {
    if output == "-" {
      throw ConversionError.exportImpossible(
        "nothing is written to standard output; name a file with \(option) (./- for one that is called so)"
      )
    }
    if output.isEmpty {
      throw ConversionError.exportImpossible("the name after \(option) is empty; name what to write")
    }
  }

  private static func ending(of output: String, among endings: [String]) -> String? {
    let name = output.lowercased()
    return endings.first(where: name.hasSuffix)
  }
}
