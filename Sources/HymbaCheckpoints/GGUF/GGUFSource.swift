package import HymbaFormat

/// A GGUF file, or all files of a split set, as llama.cpp reads and writes them.
///
/// Shapes are those of the framework, outermost first. Quantised tensors and those of 16 bits are F32: they are
/// decoded while they are read, and ``storedType(of:)`` names how they are stored.
package struct GGUFSource: CheckpointSource {
  package let location: String
  package let tensors: TensorTable
  /// The keys of the first file. An array is shown by its first values and their number.
  package let metadata: NameTable<String>
  package let files: [SourceFile]
  /// The keys of the first file. The other files of a set have none of the model.
  package let keys: GGUFKeys
  /// The files that are shorter or longer than their headers say.
  package let faults: [FileFault]
  private let places: [(file: InputFile, tensor: GGUFFile.Placed)]

  /// What is wrong with the length of a file.
  package struct FileFault: Sendable {
    /// The name of the file.
    package let name: String
    package let error: FormatError
    /// The number of tensors that are cut off.
    package let cutTensors: Int

    fileprivate init(_ part: GGUFFile, _ error: FormatError) {
      self.name = FileSystem.name(of: part.file.path)
      self.error = error
      self.cutTensors = part.tensors.count { $0.start + $0.storedBytes > part.file.byteCount }
    }
  }

  /// The origin of ``embeddedConfiguration``.
  package static let keysOrigin = "the GGUF's keys"

  /// The keys of the model as a JSON object: all but texts and arrays of the tokenizer.
  package let embeddedConfiguration: ConfigurationDocument?

  /// Whether a file that begins with `prefix` is a GGUF file.
  package static func isGGUF(prefix: [UInt8]) -> Bool { prefix.starts(with: GGUFFile.magic) }

  /// The paths without those of later parts of a split set whose first part is among them, too.
  package static func withoutLaterParts(_ paths: [String]) -> [String] { GGUFParts.withoutLater(paths) }

  /// The path of the first part of the split set to which the file at `path` belongs as a later part; nil for another
  /// file, and where the first part is not there.
  package static func firstPart(ofLater path: String) -> String? { GGUFParts.first(ofLater: path) }

  /// Opens and checks the file at `path`, and the other files of its set. Reads no tensor data.
  /// - Throws: ``GGUFError``, `FormatError`; `FileDiagnosis` with the path of another file of the set.
  package init(_ path: String) throws { try self.init(path, needsData: true) }

  /// Opens files of which data may be missing. Reading a tensor that is cut off is an error.
  /// - Throws: As ``init(_:)``.
  package init(headersOf path: String) throws { try self.init(path, needsData: false) }

  private init(_ path: String, needsData: Bool) throws {
    let parts = try GGUFParts.all(from: GGUFFile(path, needsData: needsData), needsData: needsData)
    self.faults = parts.compactMap { part in part.fault.map { FileFault(part, $0) } }
    self.location = path
    self.tensors = try TensorTable(parts.flatMap { $0.tensors.map(\.descriptor) })
    self.keys = parts[0].keys
    self.metadata = parts[0].keys.texts
    self.embeddedConfiguration = ConfigurationDocument(
      origin: Self.keysOrigin, text: String(decoding: try parts[0].keys.json.text, as: UTF8.self))
    self.files = parts.map {
      SourceFile(name: FileSystem.name(of: $0.file.path), bytes: $0.file.byteCount)
    }
    self.places = parts.flatMap { part in part.tensors.map { (part.file, $0) } }
  }

  /// A note that tells which types are decoded.
  package var notes: [String] {
    let types = GGUFType.allCases.filter { type in
      type.blocks != nil && places.contains { $0.tensor.type == type }
    }
    guard let last = types.last else { return [] }
    let names = types.dropLast().map(\.name).joined(separator: ", ")
    return [
      "tensors that the GGUF file stores as \(names.isEmpty ? "" : names + " and ")\(last.name) \(Self.decodedEnding)"
    ]
  }

  private static let decodedEnding = "are decoded to F32"

  /// Whether a sentence is one of ``notes``: it tells how the file is read, and leaves nothing open.
  package static func isFact(_ sentence: String) -> Bool { sentence.hasSuffix(decodedEnding) }

  package func storedBytes(of tensor: TensorDescriptor) -> Int {
    tensors.position(of: tensor.name).map { places[$0].tensor.storedBytes } ?? tensor.byteCount
  }

  /// The name of the type of a tensor that is decoded, such as `Q4_K`.
  package func storedType(of tensor: TensorDescriptor) -> String? {
    guard let position = tensors.position(of: tensor.name) else { return nil }
    let type = places[position].tensor.type
    return type.blocks == nil ? nil : type.name
  }

  package func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    let (file, placed) = places[position]
    try naming(file.path) {
      guard let blocks = placed.type.blocks else {
        return try file.read(at: placed.start + offset, into: &buffer)
      }
      try BlockRange(file, from: placed.start).read(blocks, from: offset, into: &buffer)
    }
  }

  /// Fills `buffer` as ``read(_:from:into:)`` does, with all numbers of blocks at one of their ends.
  func readEnds(
    _ tensor: TensorDescriptor, isLast: Bool, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let position = try tensors.position(of: tensor, from: offset, count: buffer.byteCount)
    let (file, placed) = places[position]
    guard let format = placed.type.blocks as? any LevelFormat.Type else {
      return try read(tensor, from: offset, into: &buffer)
    }
    let end = isLast ? format.ends.last : format.ends.first
    try naming(file.path) {
      try BlockRange(file, from: placed.start).read(
        format, filling: (format.numbers, end), from: offset, into: &buffer)
    }
  }

  /// Fills `buffer` with bytes of the tensor as the file stores them, from byte `offset` of them on.
  /// - Throws: ``FormatError/noSuchTensor(_:)``, and what reading the file throws.
  func readStored(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let (file, placed) = places[try tensors.position(of: tensor, from: 0, count: 0)]
    try naming(file.path) { try file.read(at: placed.start + offset, into: &buffer) }
  }

  /// The bytes of the tensor as the file stores them. This is for small tensors and tests.
  /// - Throws: ``FormatError/noSuchTensor(_:)``, and what reading the file throws.
  package func storedData(of tensor: TensorDescriptor) throws -> [UInt8] {
    let (file, placed) = places[try tensors.position(of: tensor, from: 0, count: 0)]
    return try naming(file.path) { try file.bytes(at: placed.start, count: placed.storedBytes) }
  }
}
