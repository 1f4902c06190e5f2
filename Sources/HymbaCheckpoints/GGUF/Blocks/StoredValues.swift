extension GGUFType {
  /// The type of this name.
  package init?(name: String) {
    guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// What is read again of values that llama.cpp's converter stores in this type.
  ///
  /// - Parameter values: Whole blocks.
  /// - Returns: Nil for a type that nothing is stored in here, and for values that the type cannot hold.
  package func stored(_ values: [Float]) -> [Float]? {
    switch self {
    case .f16: return values.map { Float(Float16($0)) }
    case .bf16:
      return values.map { value in
        let bits = value.bitPattern
        guard !value.isNaN else { return value }
        return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
      }
    case .q8_0:
      guard let bytes = GGUFQuantisation.q8_0(values) else { return nil }
      var decoded = [Float](repeating: 0, count: values.count)
      var span = decoded.mutableSpan
      Q8_0.decodeAll(bytes.span, into: &span)
      return decoded
    default: return nil
    }
  }
}
