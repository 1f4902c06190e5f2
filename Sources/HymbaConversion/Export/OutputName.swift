import HymbaFormat

/// What the name of an output promises.
package enum OutputName {
  /// The endings of files that are written, in whatever letters.
  enum Ending: String, CaseIterable {
    case safetensors = ".safetensors"
    case edifice = ".nx"
    case container = ".hymba"
  }

  /// Endings of files that are not written, or not alone.
  private static let foreign = [
    ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".npz", ".npy", ".h5", ".hdf5", ".keras", ".gguf",
    ".ggml", ".onnx", ".msgpack", ".json", ".zip", ".tar", ".txt", ".md", ".py", ".st", ".gz", ".bz2",
    ".xz", ".zst", ".tmp",
  ]

  /// - Throws: ``ConversionError`` of the kind `usage` for a name under which nobody looks for a container.
  package static func requireContainer(_ output: String) throws {
    try requireName(output)
    guard !isFolder(output) else { return }
    let name = FileSystem.name(of: output).printable
    let nearly = nearEnding(of: output)
    if let ending = ending(of: output) ?? nearly, ending != .container {
      let typed = nearly == nil ? ending.rawValue.count : typedEnding(of: output).count
      throw ConversionError.endingOfExport(
        name: name, ending: ending.rawValue, container: "\(name.dropLast(typed)).hymba",
        export: "\(name.dropLast(typed))\(nearly?.rawValue ?? String(name.suffix(typed)))")
    }
    try requireNoSlip(output)
    if let ending = foreignEnding(of: output) {
      throw ConversionError.unwrittenEnding(ending)
    }
  }

  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a name of a form that is not written.
  static func requireExport(_ output: String) throws {
    try requireName(output)
    guard !isFolder(output) else { return }
    try requireNoSlip(output)
    guard let ending = foreignEnding(of: output) else { return }
    throw ConversionError.exportImpossible(
      "\(ending) files are not written; name a .safetensors, .nx or .hymba file, or a folder")
  }

  /// - Throws: ``ConversionError/exportImpossible(_:)`` for a name under which nobody looks for tensors in
  ///   safetensors; a name without an ending is any file's.
  package static func requireTensors(_ output: String) throws {
    try requireName(output)
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
  package static func isFolder(_ output: String) -> Bool {
    output.hasSuffix("/") || FileSystem.isDirectory(output)
  }

  /// Whether it names one container.
  package static func isContainer(_ output: String) -> Bool { ending(of: output) == .container }

  /// Which file it names; nil for a folder and for a name without one of these endings.
  static func ending(of output: String) -> Ending? {
    guard !isFolder(output) else { return nil }
    let name = output.lowercased()
    return Ending.allCases.first { name.hasSuffix($0.rawValue) }
  }

  // MARK: Slips

  private static func requireName(_ output: String) throws {
    if output == "-" { throw ConversionError.standardOutput }
    if output.isEmpty { throw ConversionError.emptyOutputName }
    let file = String(output.reversed().drop { $0 == "/" }.reversed())
    if file != output, !FileSystem.isDirectory(output), let ending = ending(of: file) {
      throw ConversionError.exportImpossible(
        "“\(output.printable)” ends with a slash, as a folder does, and with \(ending.rawValue), as a file does; leave out the one or the other"
      )
    }
  }

  private static func requireNoSlip(_ output: String) throws {
    guard let ending = nearEnding(of: output) else { return }
    let name = FileSystem.name(of: output).printable
    let stem = name.dropLast(typedEnding(of: output).count)
    throw ConversionError.exportImpossible(
      "“\(name)” has nearly the ending \(ending.rawValue); name it “\(stem)\(ending.rawValue)”, or “\(name)/” if it is to be a folder"
    )
  }

  /// The ending that was probably meant; nil for one that is known, or near to none. Two letters are near to too
  /// many others.
  private static func nearEnding(of output: String) -> Ending? {
    let typed = typedEnding(of: output)
    guard typed.count > 3, ending(of: output) == nil, foreignEnding(of: output) == nil else {
      return nil
    }
    return typed.nearest(among: Ending.allCases.map(\.rawValue)).flatMap(Ending.init)
  }

  /// From the last dot of the name on; empty without one.
  private static func typedEnding(of output: String) -> String {
    let name = FileSystem.name(of: output)
    return name.lastIndex(of: ".").map { String(name[$0...]) } ?? ""
  }

  private static func foreignEnding(of output: String) -> String? {
    let name = output.lowercased()
    return foreign.first(where: name.hasSuffix)
  }
}
