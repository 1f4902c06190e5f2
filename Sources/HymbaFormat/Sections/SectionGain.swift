/// Judges by a sample whether a section of a tensor would save enough to be worth having.
///
/// A raw tensor costs no decoding, can be mapped, and comes from any safetensors reader under its own name. Noise,
/// numbers that are dense already and packed weights lose that for next to nothing as sections.
struct SectionGain: Sendable {
  /// The share of a tensor's bytes that its section must save.
  static let smallest = 0.02
  /// A sample consists of pieces at equal distances, so that one part of a tensor alone does not decide.
  private static let pieces = 8
  private static let pieceElements = 8192

  private let source: any CheckpointSource
  private let encoder: ChunkEncoder
  private let smallest: Double

  /// - Parameters:
  ///   - source: The tensors.
  ///   - level: How small their sections would be made.
  ///   - smallest: The share that must be saved.
  init(in source: any CheckpointSource, _ level: CompressionLevel, smallest: Double) {
    self.source = source
    self.encoder = ChunkEncoder(level)
    self.smallest = smallest
  }

  /// Whether a section of the tensor is worth having. The answer for equal tensors is the same. A tensor that cannot be
  /// read is worth one: whoever stores it reads all of it, and says best what is wrong.
  /// - Precondition: The tensor can be a section.
  /// - Throws: `ZstandardError`.
  /// - Complexity: Reads and encodes at most 2^16 elements.
  func isWorthwhile(_ tensor: TensorDescriptor) throws -> Bool {
    guard let sample = try? sample(of: tensor) else { return true }
    let chunk = try encoder.encode(sample.raw, tensor.type)
    let stored = chunk.bytes.count + SeekTable.bytesOfTable(frameCount: chunk.frames.count + 1)
    return Double(sample.count - stored) >= smallest * Double(sample.count)
  }

  /// The pieces one after the other; all of a tensor that has no more elements.
  private func sample(of tensor: TensorDescriptor) throws -> [UInt8] {
    let reading = try source.reading(of: tensor, .parts)
    let pieceBytes = Self.pieceElements * tensor.type.byteSize
    guard tensor.byteCount > Self.pieces * pieceBytes else {
      return try [UInt8](count: tensor.byteCount) { try reading.read(from: 0, into: &$0) }
    }
    let free = tensor.shape.elementCount - Self.pieceElements
    var sample: [UInt8] = []
    for piece in 0..<Self.pieces {
      let start = free / (Self.pieces - 1) * piece * tensor.type.byteSize
      sample += try [UInt8](count: pieceBytes) { try reading.read(from: start, into: &$0) }
    }
    return sample
  }
}
