#if HDF5
/// The global heap of an HDF5 file. It holds texts of varying length in collections, apart from the attributes
/// that they belong to. The corresponding part of the file format specification is III.E.
///
/// The library's own reader trusts the number of a text within its collection. A damaged file can make it read
/// from any place in memory.
struct HDF5GlobalHeap {
  private let fields: HDF5Fields
  /// The collection that was read last. The texts of one attribute are mostly in the same collection.
  private var last: (address: UInt64, objects: [UInt64: ArraySlice<UInt8>])?
  /// The bytes of all collections that were read. A collection that was read twice counts twice.
  private var bytesRead = 0

  init(_ fields: HDF5Fields) { self.fields = fields }

  /// The texts that `references` point to. A reference has the length of the text, the address of its
  /// collection, and its number in the collection.
  ///
  /// - Throws: ``FormatError``, also when the texts have more than ``Limits/hdf5NamesBytes`` together, or when
  ///   more than ``Limits/hdf5CollectionBytes`` had to be read for these texts and all texts before.
  mutating func texts(
    _ references: [UInt8], count: Int
  ) throws(FormatError) -> [ArraySlice<UInt8>] {
    var cursor = HDF5Fields.Cursor(bytes: references[...])
    var texts: [ArraySlice<UInt8>] = []
    var total = 0
    for _ in 0..<count {
      let length = Int(try cursor.integer(4))
      let address = try cursor.integer(fields.addressBytes)
      let number = try cursor.integer(4)
      guard length > 0 else {
        texts.append([])
        continue
      }
      guard let object = try collection(at: address)[number], length <= object.count else {
        throw HDF5Fields.invalid("a text of varying length in it is damaged")
      }
      total += length
      guard total <= Limits.hdf5NamesBytes else {
        throw HDF5Fields.invalid("a text of varying length in it is damaged")
      }
      texts.append(object.prefix(length).prefix { $0 != 0 })
    }
    return texts
  }

  private mutating func collection(
    at address: UInt64
  ) throws(FormatError) -> [UInt64: ArraySlice<UInt8>] {
    if let last, last.address == address { return last.objects }
    var head = try fields.cursor(at: address, count: 8 + fields.lengthBytes)
    guard try head.take(4).elementsEqual("GCOL".utf8), try head.integer(1) == 1 else {
      throw HDF5Fields.invalid("a collection of texts in it is damaged")
    }
    try head.skip(3)
    let size = Int(clamping: try head.integer(fields.lengthBytes))
    bytesRead += min(size, Limits.hdf5NamesBytes)
    guard bytesRead <= Limits.hdf5CollectionBytes else {
      throw HDF5Fields.invalid(
        "its texts of varying length lie too far apart to be read; write them with a fixed length")
    }
    var cursor = try fields.cursor(at: address, count: size)
    try cursor.skip(min(8 + fields.lengthBytes, cursor.remaining))
    var objects: [UInt64: ArraySlice<UInt8>] = [:]
    // The object with number 0 is the free space at the end.
    while cursor.remaining >= 8 + fields.lengthBytes {
      let number = try cursor.integer(2)
      try cursor.skip(6)
      let length = Int(clamping: try cursor.integer(fields.lengthBytes))
      guard number > 0 else { break }
      objects[number] = try cursor.take(length)
      try cursor.skip(min((8 - length % 8) % 8, cursor.remaining))
    }
    last = (address, objects)
    return objects
  }
}
#endif
