import HymbaConversion
import HymbaFormat
public import HymbaModel

/// A file with the values that a model should compute, under capture names, and perhaps with the input.
public struct Reference: Sendable {
  /// The file's name, without its folder.
  public let name: String
  let source: any CheckpointSource
  /// The statistics of captures whose values are not there, by name.
  private let statistics: [String: CaptureStatistics]
  /// Where the reference is, for a report.
  let description: ReferenceDescription
  /// The names of the map that no tensor of the file has, sorted.
  public let unusedNames: [String]

  /// Opens a safetensors file, a container or another file with tensors. In a folder, opens the
  /// `expected.safetensors`.
  ///
  /// - Parameters:
  ///   - path: The file, or a folder that has it.
  ///   - role: The use for which the file is given. Error messages name it.
  ///   - names: The captures that the names in the file stand for; nil where the names are those of captures.
  /// - Throws: ``VerificationError`` for a folder without that file, for a JSON text and for a map that gives one
  ///   capture twice, and the errors of opening the file.
  public init(_ path: String, _ role: Role = .captures, names: NameMap? = nil) throws {
    let path = try Self.file(path, role)
    self.name = FileSystem.name(of: path)
    let source = try SourceOpener.open(path)
    let renamed = try names.map { try RenamedSource(source, by: $0) }
    self.source = renamed ?? source
    self.statistics = [:]
    self.unusedNames = renamed?.unusedNames ?? []
    let record = ReferenceRecord(file: name, metadata: Self.metadata(of: source))
    self.description = ReferenceDescription(name: name, recordedBy: record.author)
  }

  /// A reference that is not a file of its own.
  init(
    name: String, source: any CheckpointSource, statistics: [String: CaptureStatistics],
    description: ReferenceDescription
  ) {
    self.name = name
    self.source = source
    self.statistics = statistics
    self.unusedNames = []
    self.description = description
  }

  private static func metadata(of source: any CheckpointSource) -> [String: String] {
    Dictionary(source.keptMetadata.map { ($0.key, $0.value) }) { first, _ in first }
  }

  /// What is known of the reference beside its tensors.
  var record: ReferenceRecord {
    ReferenceRecord(file: FileSystem.name(of: location), metadata: Self.metadata(of: source))
  }

  /// Whether the reference holds statistics of captures in place of their values.
  var isStatistics: Bool { description.isStatistics }

  /// The path of the file: as the user gave it, or within the folder that the user gave.
  public var location: String { source.location }

  /// The dimensions of a tensor, or of a capture of which there are statistics; nil when there is neither.
  func shape(of name: String) -> [Int]? {
    source.tensors[name]?.shape.dimensions ?? statistics[name]?.shape
  }

  /// The element type of a tensor; nil when the file does not have it.
  func type(of name: String) -> ElementType? { source.tensors[name]?.type }

  /// Adds a tensor to what a container keeps.
  ///
  /// - Throws: ``FormatError`` for a name that cannot be kept.
  func add(_ name: String, to attachments: inout Attachments) throws {
    guard let tensor = source.tensors[name] else { return }
    try attachments.add(.probe(name), tensor, of: source)
  }

  /// Passes the values of a capture in order, part by part.
  ///
  /// - Throws: The errors of reading the file.
  func forEachFloats(of name: String, jobs: Int, _ body: ([Float]) -> Void) throws {
    guard let tensor = source.tensors[name] else { return }
    try naming(location) { try source.forEachFloats(of: tensor, jobs: jobs, body) }
  }

  /// The input: `input_ids` for a model of tokens, `input` for one of features. Nil when the file does not have
  /// it.
  ///
  /// - Throws: `ModelError/inputShape(found:expected:)` or `ModelError/tensorShape(_:found:expected:)` for
  ///   a tensor of another shape, `ModelError/inputBeyondMemory(_:byteCount:limit:)`, and as `tensor(_:)`
  ///   or `integers(_:)`.
  public func input(for architecture: Architecture) throws -> InputBatch? {
    // Everything that is known before reading is checked before reading, because a small file may claim any
    // size.
    switch architecture.input {
    case .features(let size):
      guard let shape = shape(of: "input") else { return nil }
      guard shape.count == 3, shape[2] == size, !shape.contains(0) else {
        throw FileDiagnosis(
          location,
          ModelError.inputShape(found: shape, expected: "[batch, positions, \(size)]"))
      }
      try naming(location) { try architecture.requireMemory(forInput: shape) }
      return .features(try tensor("input"))
    case .tokens:
      guard let shape = shape(of: "input_ids") else { return nil }
      guard (1...2).contains(shape.count) else {
        throw FileDiagnosis(
          location, ModelError.tensorShape("input_ids", found: shape, expected: "[batch, seq]"))
      }
      try naming(location) { try architecture.requireMemory(forInput: shape) }
      return .tokens(try integers("input_ids"), batch: shape.count == 2 ? shape[0] : 1)
    }
  }

  /// Whether the next token is scored, for each position of the input, [batch * length]. Nil when the file has
  /// no `target_mask`.
  ///
  /// - Throws: ``ModelError/tensorShape(_:found:expected:)`` for a mask of another shape than the input's, and
  ///   as ``integers(_:)``.
  func targetMask(of input: InputBatch) throws -> [Bool]? {
    guard let found = shape(of: "target_mask") else { return nil }
    // A single sequence may be written without the batch dimension.
    guard (found.count == 1 ? [1] + found : found) == input.dimensions else {
      throw FileDiagnosis(
        location,
        ModelError.tensorShape(
          "target_mask", found: found, expected: "that of input_ids, \(input.dimensions)"))
    }
    return try integers("target_mask").map { $0 != 0 }
  }

  /// Whether the file has a tensor of this name that may be a capture: any tensor but the input, the mask and
  /// those of a classifier.
  func expects(_ name: String) -> Bool {
    (source.tensors[name] != nil || statistics[name] != nil) && !Self.other.contains(name)
  }

  /// The names of tensors that `captures` does not contain, sorted, without the input, the mask and those of a
  /// classifier.
  func namesBeside(_ captures: Set<String>) -> [String] {
    (source.tensors.map(\.name) + statistics.keys).filter { !captures.contains($0) && !Self.other.contains($0) }
      .sorted()
  }

  static let other: Set<String> = [
    "input", "input_ids", "labels", "target_mask", "head.weight", "head.bias",
  ]

  /// Compares a computed capture with the file's tensor of that name, or with its statistics. Nil when the file does
  /// not have it. Only that tensor is read.
  ///
  /// - Throws: As ``tensor(_:)``.
  func compare(
    _ name: String, with got: Tensor, tolerance: Tolerance
  ) throws -> CaptureComparison? {
    guard expects(name) else { return nil }
    if let expected = statistics[name] {
      return CaptureComparison(
        name, got: got, expected: expected,
        dimensions: Self.dimensions(expected.shape, beside: got.dimensions), tolerance: tolerance)
    }
    guard let expected = source.tensors[name] else { return nil }
    guard expected.type.isFloatingPoint else {
      return CaptureComparison(
        name, .type,
        problem: "the reference's are \(expected.type.rawValue), not floating-point numbers")
    }
    // The shape is checked before reading, so that no more of the file is loaded than was computed.
    let dimensions = Self.dimensions(expected.shape.dimensions, beside: got.dimensions)
    if let problem = CaptureComparison.shapeProblem(got: got.dimensions, expected: dimensions) {
      return CaptureComparison(name, .shape, problem: problem)
    }
    let values = Tensor(dimensions, try tensor(name).values)
    return CaptureComparison(name, got: got, expected: values, tolerance: tolerance)
  }

  /// The dimensions of a recorded capture. A single sequence may be written without the batch dimension.
  static func dimensions(_ recorded: [Int], beside got: [Int]) -> [Int] {
    got.first == 1 && Array(got.dropFirst()) == recorded ? got : recorded
  }

  /// A recorded capture that can be compared with `got`; nil where there is none.
  ///
  /// - Throws: As ``tensor(_:)``.
  func floats(_ name: String, like got: Tensor) throws -> Tensor? {
    try floats(name, within: got.dimensions)
  }

  /// A recorded capture with these dimensions, or with fewer rows along the first one; nil where there is none.
  ///
  /// - Throws: As ``tensor(_:)``.
  func floats(_ name: String, within got: [Int]) throws -> Tensor? {
    guard expects(name), let expected = source.tensors[name], expected.type.isFloatingPoint else {
      return nil
    }
    let dimensions = Self.dimensions(expected.shape.dimensions, beside: got)
    guard CaptureComparison.shapeProblem(got: got, expected: dimensions) == nil else { return nil }
    return Tensor(dimensions, try tensor(name).values)
  }

  /// A tensor of floating-point numbers as 32-bit floats.
  ///
  /// - Throws: As ``Tensor/init(_:from:)``.
  func tensor(_ name: String) throws -> Tensor {
    try naming(location) { try Tensor(name, from: source) }
  }

  /// A tensor of little-endian whole numbers of any width.
  ///
  /// - Throws: ``ModelError/inputMissing(_:)``, ``ModelError/notWhole(_:_:)``, ``ModelError/tooLarge(_:_:)``,
  ///   ``ModelError/tensorBeyondMemory(_:byteCount:limit:)``, and the errors of the source.
  func integers(_ name: String) throws -> [Int] {
    try naming(location) {
      guard let tensor = source.tensors[name] else { throw ModelError.inputMissing(name) }
      guard !tensor.type.isFloatingPoint, !tensor.type.isOpaque else {
        throw ModelError.notWhole(name, tensor.type)
      }
      try tensor.requireMemory(bytesPerElement: MemoryLayout<Int>.size)
      let bytes = try source.bytes(of: tensor)
      let size = tensor.type.byteSize
      return try stride(from: 0, to: bytes.count, by: size).map { start in
        let bits = bytes[start..<start + size].reversed().reduce(UInt64(0)) {
          $0 << 8 | UInt64($1)
        }
        if tensor.type.isSigned {
          // Shifting up to the top and back down extends the sign.
          let unused = UInt64.bitWidth - 8 * size
          return Int(Int64(bitPattern: bits << unused) >> unused)
        }
        guard let number = Int(exactly: bits) else { throw ModelError.tooLarge(name, bits) }
        return number
      }
    }
  }
}

extension ElementType {
  fileprivate var isSigned: Bool {
    switch self {
    case .int8, .int16, .int32, .int64: true
    default: false
    }
  }
}
