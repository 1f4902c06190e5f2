import HymbaFormat
import HymbaModel

/// Whether values come from a narrower type than that of the tensor. It needs no model.
enum StoredWidth {
  /// The fewest values that say something.
  private static let fewest = 64

  static func flag(_ tensor: TensorDescriptor, _ statistics: TensorStatistics) -> ValueFlag? {
    guard statistics.count >= fewest, statistics.isFinite,
      let least = statistics.min, let most = statistics.max, least < most,
      // A few levels, such as -1, 0 and 1, come from something else than a narrower float.
      statistics.effectiveBits > 2
    else { return nil }
    let bits = statistics.effectiveBits
    let narrow: (name: String, bytes: Int)? =
      switch tensor.type {
      case .float32: bits <= 7 ? ("BF16", 2) : bits <= 10 ? ("F16", 2) : nil
      case .float64:
        bits <= 7 ? ("BF16", 2) : bits <= 10 ? ("F16", 2) : bits <= 23 ? ("F32", 4) : nil
      default: nil
      }
    guard let narrow else { return nil }
    return ValueFlag(
      .storedWide, .note,
      "no value uses more than \(bits) bits of its fraction, as of \(narrow.name) values stored as \(tensor.type.rawValue): \(tensor.type.byteSize - narrow.bytes) of \(tensor.type.byteSize) bytes tell nothing"
    )
  }
}
