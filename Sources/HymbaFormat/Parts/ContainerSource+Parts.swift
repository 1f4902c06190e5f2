extension ContainerSource {
  /// Whether this is a folder with an index of parts, or the path of such an index.
  package static func isInParts(_ path: String) -> Bool {
    FileSystem.isDirectory(path)
      ? FileSystem.hasEntry(FileSystem.path(path, PartName.index))
      : FileSystem.name(of: path) == PartName.index && FileSystem.exists(path)
  }

  /// Opens a model in parts. Reads the index, and the header and the manifest of each part. No tensor data is read.
  /// - Parameter path: The path of the index, or of the folder that holds it.
  /// - Throws: `FileDiagnosis` with the path of the index and ``FormatError/indexInvalid(_:)``,
  ///   ``FormatError/shardsMissing(_:)``, or ``FormatError/duplicateName(_:)`` for a tensor in two parts; with the path
  ///   of a part and ``FormatError/partDisagrees(_:)`` for one that belongs elsewhere, or the errors of opening a
  ///   container.
  package init(parts path: String) throws {
    let isFolder = FileSystem.isDirectory(path)
    let folder = isFolder ? path : FileSystem.folder(of: path)
    let place = isFolder ? FileSystem.path(path, PartName.index) : path
    let index = try naming(place) { try PartIndex(reading: place) }
    let names = (1...index.parts.count).map { PartName(number: $0, count: index.parts.count).text }
    let missing = names.filter { !FileSystem.exists(FileSystem.path(folder, $0)) }
    guard missing.isEmpty else { throw FileDiagnosis(place, FormatError.shardsMissing(missing)) }
    let parts = try names.enumerated().map { position, name in
      let (number, part) = (position + 1, FileSystem.path(folder, name))
      return try naming(part) { try index.open(part, as: number) }
    }
    try Self.requireNoOthers(in: folder, than: index.parts.count)
    self = try Self.joining(parts, location: path, describedBy: place)
    try naming(place) { try index.requireFit(self) }
  }

  /// Opens one part of a model in parts. Where there is an index, the part must be the one that it lists.
  /// - Parameters:
  ///   - number: The number of the part, counted from 1.
  ///   - path: The path of the index or the folder. The folder may be without an index and other parts.
  /// - Throws: ``FormatError/partsImpossible(_:)`` for a number that the model does not have, and for what is no folder
  ///   with parts; `FileDiagnosis` with the path of the index or the part.
  package static func part(_ number: Int, of path: String) throws -> ContainerSource {
    let isFolder = FileSystem.isDirectory(path)
    let folder = isFolder ? path : FileSystem.folder(of: path)
    let place = isFolder ? FileSystem.path(path, PartName.index) : path
    let index = isInParts(path) ? try naming(place) { try PartIndex(reading: place) } : nil
    guard isFolder || index != nil else {
      throw FormatError.partsImpossible("it is no folder with parts, and no index of them")
    }
    let names = try naming(folder) { try PartName.all(in: folder) }
    guard let count = index?.parts.count ?? names.first?.count else {
      throw FormatError.partsImpossible("the folder holds no parts")
    }
    try requireNoOthers(in: folder, than: count)
    guard number <= count else {
      throw FormatError.partsImpossible("there is no part \(number): the model has \(count)")
    }
    let part = FileSystem.path(folder, PartName(number: number, count: count).text)
    guard FileSystem.exists(part) else { throw FormatError.partsMissing([number], of: count) }
    return try naming(part) {
      guard let index else {
        let file = try ContainerFile(part)
        try file.requirePart(number, of: count, plan: file.manifest.part?.plan)
        return try ContainerSource(file)
      }
      return try ContainerSource(index.open(part, as: number))
    }
  }

  /// The number of files that the container consists of.
  package var partCount: Int { parts.count }

  /// For each of ``storedRanges``, the name of the file that it is in.
  package var storedFiles: [String] {
    parts.flatMap { Array(repeating: FileSystem.name(of: $0.file.path), count: $0.storedRanges.count) }
  }

  /// What of the files has digests, apart from tensors and attachments, as words.
  package var framing: String {
    partCount > 1 ? "index, \(partCount) headers, \(partCount) manifests" : "header, manifest"
  }

  /// Joins the parts of one model.
  /// - Parameters:
  ///   - parts: All parts, in order. They are known to belong together.
  ///   - place: The path in front of errors that concern all parts.
  /// - Throws: `FileDiagnosis` with the errors of a manifest.
  static func joining(
    _ parts: [ContainerFile], location: String, describedBy place: String
  ) throws -> ContainerSource {
    let manifest = try naming(parts[0].file.path) { try Manifest(joining: parts) }
    return try naming(place) {
      let tensors = try manifest.logicalTensors()
      return try ContainerSource(
        parts, manifest: manifest, tensors: tensors, attached: manifest.attachedTensors(beside: tensors),
        location: location)
    }
  }

  /// Refuses a folder that also holds parts of another division: it would not be clear which are meant.
  /// - Throws: `FileDiagnosis` with the path of such a part.
  static func requireNoOthers(in folder: String, than count: Int) throws {
    let names = try naming(folder) { try PartName.all(in: folder) }
    guard let other = names.first(where: { $0.count != count }) else { return }
    throw FileDiagnosis(
      FileSystem.path(folder, other.text),
      FormatError.partDisagrees(
        "it is part \(other.number) of \(other.count), and lies beside parts of \(count); move it to another folder"))
  }
}

extension PartIndex {
  /// Opens a part, and makes sure that it is the one that the index lists.
  /// - Throws: ``FormatError/partDisagrees(_:)``, and the errors of opening a container.
  func open(_ path: String, as number: Int) throws(FormatError) -> ContainerFile {
    let input = try InputFile(path)
    let file: ContainerFile
    do throws(FormatError) {
      file = try ContainerFile(input)
    } catch {
      guard input.byteCount == parts[number - 1].bytes else {
        throw .partDisagrees(
          "it has \(input.byteCount) bytes, and the index says \(parts[number - 1].bytes): it was cut short, or is no part")
      }
      throw error
    }
    try file.requirePart(number, of: parts.count, plan: plan)
    guard file.manifest.formatVersion == formatVersion else {
      throw .partDisagrees(
        "it is of version \(file.manifest.formatVersion), and the index says \(formatVersion)")
    }
    let part = try Part(file)
    let listed = parts[number - 1]
    guard part.manifest == listed.manifest else {
      throw .partDisagrees(
        "it is another part \(number) than the one that the index was written for: its manifest has another SHA-256")
    }
    guard part == listed else {
      throw .partDisagrees(
        "its bytes are \(part.bytes) and its tensors \(part.tensors), and the index says \(listed.bytes) and \(listed.tensors)")
    }
    return file
  }

  /// Makes sure that the index says of the model what its parts are together.
  /// - Throws: ``FormatError/indexInvalid(_:)``.
  fileprivate func requireFit(_ whole: ContainerSource) throws(FormatError) {
    guard whole.tensors.count == tensors, whole.tensors.totalBytes == bytes else {
      throw .indexInvalid(
        "its tensors are \(tensors) and their bytes \(bytes), and those of its parts \(whole.tensors.count) and \(whole.tensors.totalBytes)")
    }
    let found = whole.fingerprint
    guard found == fingerprint else {
      throw .indexInvalid("it says the fingerprint \(fingerprint), and its parts have \(found)")
    }
  }
}

extension ContainerFile {
  /// Makes sure that this is a certain part of a certain model.
  /// - Parameter plan: The plan of the model; nil only where the file itself has none.
  /// - Throws: ``FormatError/partDisagrees(_:)``, which says what it is instead.
  func requirePart(_ number: Int, of count: Int, plan: SHA256Digest?) throws(FormatError) {
    guard let part = manifest.part else {
      throw .partDisagrees("it is a container by itself, and no part of a model")
    }
    guard part.plan == plan else {
      throw .partDisagrees(
        "it is part \(part.number) of \(part.count) of another model, or of the same one divided or stored in another way")
    }
    guard part.count == count, part.number == number else {
      throw .partDisagrees(
        "it is part \(part.number) of \(part.count), under the name of part \(number) of \(count): give it its own name back, \(part.name.text)")
    }
  }
}
