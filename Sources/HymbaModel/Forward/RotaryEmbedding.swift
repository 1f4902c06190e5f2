#if canImport(Glibc)
  import Glibc
#endif

/// Rotary position embedding (arXiv 2104.09864), with the first half of the rotated numbers of each head
/// rotated against the second.
///
///     out[i]       = x[i] * cos(p * f_i) - x[i + d/2] * sin(p * f_i)
///     out[i + d/2] = x[i + d/2] * cos(p * f_i) + x[i] * sin(p * f_i),   f_i = base^(-2i/d)
///
/// Frequencies and angles are rounded to 32 bits, as in the original: at position 8000 the rounding of an angle
/// is larger than the tolerance of a comparison.
struct RotaryEmbedding: Sendable {
  private let cosines: [Float]  // [length, d/2]
  private let sines: [Float]
  private let half: Int
  private let headSize: Int

  init(_ rotary: Architecture.Attention.Rotary, headSize: Int, length: Int) {
    let size = rotary.size ?? headSize
    let half = size / 2
    let base = rotary.base(forLength: length, headSize: size)
    let frequencies = (0..<half).map { index in
      1 / Float(pow(base, Double(Float(2 * index) / Float(size))))
    }
    var cosines: [Float] = []
    var sines: [Float] = []
    for position in 0..<length {
      for frequency in frequencies {
        let angle = Float(position) * frequency
        cosines.append(cos(angle))
        sines.append(sin(angle))
      }
    }
    self.half = half
    self.headSize = headSize
    self.cosines = cosines
    self.sines = sines
  }

  /// Rotates every head of every row. The rows are the positions `start`, `start + 1`, … of one sequence after
  /// another.
  ///
  /// - Parameters:
  ///   - x: [batch * length, heads * d]
  ///   - start: The position of the first row of each sequence, prepended meta tokens included.
  func apply(to x: inout Matrix, length: Int, from start: Int = 0) {
    for row in 0..<x.rows {
      let table = (start + row % length) * half
      for head in stride(from: row * x.columns, to: (row + 1) * x.columns, by: headSize) {
        for index in 0..<half {
          let (a, b) = (x.values[head + index], x.values[head + index + half])
          let (c, s) = (cosines[table + index], sines[table + index])
          x.values[head + index] = a * c - b * s
          x.values[head + index + half] = b * c + a * s
        }
      }
    }
  }
}

/// The rotations of a model's attention layers. Layers with the same parameters share one table.
struct RotaryTables: Sendable {
  private struct Key: Hashable {
    let rotary: Architecture.Attention.Rotary
    let headSize: Int
  }

  private let tables: [Key: RotaryEmbedding]

  /// - Parameter length: The most positions that sequences have, prepended meta tokens included.
  init(_ architecture: Architecture, length: Int) {
    var tables: [Key: RotaryEmbedding] = [:]
    for attention in architecture.layers.compactMap(architecture.attention(in:)) {
      guard let key = Self.key(attention), tables[key] == nil else { continue }
      tables[key] = RotaryEmbedding(key.rotary, headSize: key.headSize, length: length)
    }
    self.tables = tables
  }

  subscript(attention: Architecture.Attention) -> RotaryEmbedding? {
    Self.key(attention).flatMap { tables[$0] }
  }

  private static func key(_ attention: Architecture.Attention) -> Key? {
    attention.rotary.map { Key(rotary: $0, headSize: attention.keyHeadSize) }
  }
}

extension Architecture.Attention.Rotary {
  /// The base for a sequence of `length` positions, prepended meta tokens included.
  func base(forLength length: Int, headSize: Int) -> Double {
    guard let original = dynamicFrom, length > original else { return base }
    return Self.scaled(base, by: Double(length) / Double(original), headSize: headSize)
  }

  /// Scales a base for sequences that are `factor` times longer than in training (NTK-aware scaling):
  /// `base * (2 * factor - 1)^(d / (d - 2))`.
  package static func scaled(_ base: Double, by factor: Double, headSize: Int) -> Double {
    base * pow(2 * factor - 1, Double(headSize) / Double(headSize - 2))
  }
}
