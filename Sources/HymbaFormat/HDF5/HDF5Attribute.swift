#if HDF5
/// An attribute of an HDF5 object: a named value, from the attribute message in the object's header. Only
/// texts are decoded. The corresponding part of the file format specification is IV.A.2.m.
///
/// The library is not asked for attributes, because it trusts their types, their lengths and their references
/// to other places in the file.
struct HDF5Attribute {
  enum Kind {
    /// Texts of a fixed length: this many bytes each.
    case texts(bytes: Int)
    /// Texts of varying length: references to the texts, see ``HDF5GlobalHeap``.
    case references
    case other
    /// The type or shape of the attribute is in another place of the file, where it is not read.
    case unread
  }

  let name: ArraySlice<UInt8>
  let kind: Kind
  /// The number of values.
  let count: Int
  let value: ArraySlice<UInt8>

  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)``.
  init(_ body: inout HDF5Fields.Cursor) throws(FormatError) {
    let damaged = HDF5Fields.invalid("an attribute in it is damaged")
    let version = try body.integer(1)
    guard (1...3).contains(version) else { throw damaged }
    let flags = try body.integer(1)
    let nameBytes = Int(try body.integer(2))
    let typeBytes = Int(try body.integer(2))
    let spaceBytes = Int(try body.integer(2))
    if version == 3 { try body.skip(1) }
    // Version 1 pads each part to a multiple of eight bytes.
    func padded(_ count: Int) -> Int { version == 1 ? (count + 7) / 8 * 8 : count }
    self.name = try body.take(padded(nameBytes)).prefix(nameBytes).prefix { $0 != 0 }
    var type = try body.part(padded(typeBytes))
    var space = try body.part(padded(spaceBytes))
    self.value = try body.take(body.remaining)
    guard version == 1 || flags & 3 == 0 else {
      self.kind = .unread
      self.count = 0
      return
    }
    self.kind = try Self.kind(&type)
    guard let count = try HDF5Extent(&space).elementCount else { throw damaged }
    self.count = count
  }

  private static func kind(_ type: inout HDF5Fields.Cursor) throws(FormatError) -> Kind {
    let text: UInt64 = 3
    let varyingLength: UInt64 = 9
    let kind = try type.integer(1) & 0xF
    let flags = try type.integer(3)
    let bytes = Int(try type.integer(4))
    // The flags of a type of varying length tell whether it is a text or a sequence.
    return switch kind {
    case text: .texts(bytes: bytes)
    case varyingLength where flags & 0xF == 1: .references
    default: .other
    }
  }
}
#endif
