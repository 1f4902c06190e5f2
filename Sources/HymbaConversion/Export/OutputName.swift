import HymbaFormat

/// The form of an output, as its name tells it.
package enum OutputName {
  /// The endings of files that are written. Case does not matter.
  enum Ending: String, CaseIterable {
    case safetensors = ".safetensors"
    case edifice = ".nx"
    case container = ".hymba"
    case gguf = ".gguf"
  }

  /// The endings of files that are not written, or not written alone.
  private static let foreign = [
    ".bin", ".pt", ".pth", ".ckpt", ".pkl", ".npz", ".npy", ".h5", ".hdf5", ".keras",
    ".ggml", ".onnx", ".msgpack", ".json", ".zip", ".tar", ".txt", ".md", ".py", ".st", ".gz", ".bz2",
    ".xz", ".zst", ".tmp",
  ]

  /// Refuses a name that nobody would expect a container to have.
  ///
  /// - Throws: ``ConversionError`` of the kind `usage`.
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

  /// Refuses the name of a form that is not written.
  ///
  /// - Throws: ``ConversionError`` of the kind `usage`.
  static func requireExport(_ output: String) throws {
    try requireName(output)
    guard !isFolder(output) else { return }
    try requireNoSlip(output)
    guard let ending = foreignEnding(of: output) else { return }
    throw ConversionError.exportImpossible(
      "\(ending) files are not written; name a .safetensors, .gguf, .nx or .hymba file, or a folder")
  }

  /// Refuses a name that nobody would expect a safetensors file to have. A name without an ending is accepted.
  ///
  /// - Throws: ``ConversionError`` of the kind `usage`.
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

  /// Whether the output is a folder, or ends with a slash and is to become one.
  package static func isFolder(_ output: String) -> Bool {
    output.hasSuffix("/") || FileSystem.isDirectory(output)
  }

  /// Whether the name is that of one container.
  package static func isContainer(_ output: String) -> Bool { ending(of: output) == .container }

  /// Whether the name is that of a GGUF file.
  package static func isGGUF(_ output: String) -> Bool { ending(of: output) == .gguf }

  /// The ending of the file that the output names; nil for a folder, and for a name without one of these
  /// endings.
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

  /// The ending that was probably meant; nil for a known ending, and for one that resembles none of them.
  /// Endings of one or two letters are not considered, because they resemble too many others.
  private static func nearEnding(of output: String) -> Ending? {
    let typed = typedEnding(of: output)
    guard typed.count > 3, ending(of: output) == nil, foreignEnding(of: output) == nil else {
      return nil
    }
    return typed.nearest(among: Ending.allCases.map(\.rawValue)).flatMap(Ending.init)
  }

  /// The part of the name from its last dot on; empty without a dot.
  private static func typedEnding(of output: String) -> String {
    let name = FileSystem.name(of: output)
    return name.lastIndex(of: ".").map { String(name[$0...]) } ?? ""
  }

  private static func foreignEnding(of output: String) -> String? {
    let name = output.lowercased()
    return foreign.first(where: name.hasSuffix)
  }
}
