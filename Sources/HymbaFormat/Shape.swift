/// The dimensions of a tensor, outermost first. The element count of a shape always fits in 63 bits.
public struct Shape: Hashable, Sendable {
  public let dimensions: [Int]
  /// The product of the dimensions; 1 for a scalar.
  public let elementCount: Int

  /// - Throws: ``FormatError/invalidShape(_:_:)`` for a negative dimension, more than
  ///   `Limits/maximumRank` dimensions, or a count that does not fit in 63 bits.
  public init(_ dimensions: [Int]) throws(FormatError) {
    guard dimensions.count <= Limits.maximumRank else {
      throw .invalidShape(dimensions, "has more than \(Limits.maximumRank) dimensions")
    }
    var count = 1
    for dimension in dimensions {
      guard dimension >= 0 else { throw .invalidShape(dimensions, "has a negative dimension") }
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      guard !overflow else {
        throw .invalidShape(dimensions, "has more elements than 63 bits count")
      }
      count = product
    }
    self.dimensions = dimensions
    self.elementCount = count
  }

  public var rank: Int { dimensions.count }

  /// The bytes of a dense tensor of this shape.
  /// - Throws: ``FormatError/invalidShape(_:_:)`` when the count does not fit in 63 bits, or when elements of
  ///   less than a byte do not fill the last byte.
  public func byteCount(of type: ElementType) throws(FormatError) -> Int {
    let (size, overflow) = elementCount.multipliedReportingOverflow(
      by: type.isPacked ? type.bitSize : type.byteSize)
    guard !overflow else { throw .invalidShape(dimensions, "has more bytes than 63 bits count") }
    guard type.isPacked else { return size }
    guard size % 8 == 0 else {
      throw .invalidShape(
        dimensions, "has \(size) bits as \(type.rawValue), which are no whole bytes")
    }
    return size / 8
  }
}

extension JSONReader {
  /// Reads a list of whole numbers. Of a list that is longer than any shape, it returns one number more than a
  /// shape may have, so that ``Shape`` refuses it.
  mutating func readDimensions() throws(FormatError) -> [Int] {
    var dimensions: [Int] = []
    try readArray { reader throws(FormatError) in
      let dimension = try reader.readInteger()
      if dimensions.count <= Limits.maximumRank { dimensions.append(dimension) }
    }
    return dimensions
  }
}

extension Shape: CustomStringConvertible {
  /// The dimensions in brackets: `[2, 3]`.
  public var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }
}
