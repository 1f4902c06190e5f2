import HymbaConversion
import HymbaFormat
public import HymbaModel

/// A file with what a model should compute, under capture names, and perhaps the input.
public struct Reference: Sendable {
  public let name: String
  private let source: any CheckpointSource

  /// Opens a safetensors file, a container or another file with tensors; of a folder, the `expected.safetensors`
  /// in it.
  /// - Parameter role: What it is given for, which a message says where it cannot be that.
  /// - Throws: what opening it throws, ``VerificationError`` for a folder without one and for a text.
  public init(_ path: String, _ role: Role = .captures) throws {
    let path = try Self.file(path, role)
    self.name = FileSystem.name(of: path)
    self.source = try SourceOpener.open(path)
  }

  /// The file, as the user named it or in the folder that the user named.
  public var location: String { source.location }

  func shape(of name: String) -> [Int]? { source.tensors[name]?.shape.dimensions }

  /// The input: `input_ids` for a model of tokens, `input` for one of features; nil when it is not there.
  /// - Throws: ``ModelError/tensorShape(_:found:expected:)`` for ids that are no sequence or batch of them.
  public func input(for architecture: Architecture) throws -> InputBatch? {
    // All that is known before it is read is judged before: a small file may claim anything.
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

  /// Whether the next token is scored, for each position of the input; nil when the file has no `target_mask`.
  /// - Throws: ``ModelError/tensorShape(_:found:expected:)`` for a mask of another shape than the input's.
  func targetMask(of input: InputBatch) throws -> [Bool]? {
    guard let found = shape(of: "target_mask") else { return nil }
    // A single sequence may be written without its batch.
    guard (found.count == 1 ? [1] + found : found) == input.dimensions else {
      throw FileDiagnosis(
        location,
        ModelError.tensorShape(
          "target_mask", found: found, expected: "that of input_ids, \(input.dimensions)"))
    }
    return try integers("target_mask").map { $0 != 0 }
  }

  /// Whether the file may hold a capture of this name: any tensor but the input and what belongs to a classifier.
  func expects(_ name: String) -> Bool {
    source.tensors[name] != nil && !Self.other.contains(name)
  }

  /// Names of tensors that `captures` does not have.
  func namesBeside(_ captures: Set<String>) -> [String] {
    source.tensors.map(\.name).filter { !captures.contains($0) && !Self.other.contains($0) }
      .sorted()
  }

  private static let other: Set<String> = [
    "input", "input_ids", "labels", "target_mask", "head.weight", "head.bias",
  ]

  /// A computed capture beside the file's tensor of that name, the only one that is read; nil when it is not
  /// there.
  func compare(
    _ name: String, with got: Tensor, tolerance: Tolerance
  ) throws -> CaptureComparison? {
    guard expects(name), let expected = source.tensors[name] else { return nil }
    guard expected.type.isFloatingPoint else {
      return CaptureComparison(
        name, .type,
        problem: "the reference's are \(expected.type.rawValue), not floating-point numbers")
    }
    // Before it is read: no more of the file is loaded than was computed.
    if let problem = CaptureComparison.shapeProblem(
      got: got.dimensions, expected: expected.shape.dimensions)
    {
      return CaptureComparison(name, .shape, problem: problem)
    }
    return CaptureComparison(name, got: got, expected: try tensor(name), tolerance: tolerance)
  }

  /// A recorded capture that can be compared with `got`; nil where there is none.
  func floats(_ name: String, like got: Tensor) throws -> Tensor? {
    guard expects(name), let expected = source.tensors[name], expected.type.isFloatingPoint,
      CaptureComparison.shapeProblem(
        got: got.dimensions, expected: expected.shape.dimensions) == nil
    else { return nil }
    return try tensor(name)
  }

  func tensor(_ name: String) throws -> Tensor {
    try naming(location) { try Tensor(name, from: source) }
  }

  /// Little-endian whole numbers of any width.
  /// - Throws: ``ModelError/notWhole(_:_:)``, ``ModelError/tooLarge(_:_:)``, ``ModelError/inputMissing(_:)``.
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
          // Up to the top and down again: the sign goes along.
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
