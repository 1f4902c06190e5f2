#if HDF5
/// Reads the attributes of an HDF5 file that are text.
final class HDF5Texts {
  private let fields: HDF5Fields
  private var heap: HDF5GlobalHeap

  init(_ fields: HDF5Fields) {
    self.fields = fields
    self.heap = HDF5GlobalHeap(fields)
  }

  var fileBytes: Int { fields.file.byteCount }

  func header(at address: UInt64) throws(FormatError) -> HDF5ObjectHeader {
    try HDF5ObjectHeader(at: address, fields)
  }

  /// The text of bytes that may become a name, a key or a value; nil when they are not UTF-8, or when the text
  /// takes too long to compare.
  static func text(_ bytes: ArraySlice<UInt8>) -> String? {
    String(validating: bytes, as: UTF8.self).flatMap { $0.hasTooManyMarks ? nil : $0 }
  }

  /// The text of one attribute; nil when it is no text, is too long for metadata, or is stored where it is not
  /// read.
  /// - Throws: ``FormatError/hdf5(_:)``.
  func text(of attribute: HDF5Attribute) throws(FormatError) -> String? {
    guard case .texts(let texts) = try value(of: attribute, limit: Limits.hdf5AttributeBytes),
      texts.count == 1, let text = texts.first, text.count <= Limits.hdf5AttributeBytes
    else { return nil }
    return Self.text(text)
  }

  /// The attributes of the dataset at `path` that are texts. One of them may give the type of its elements.
  /// - Throws: ``FormatError/hdf5(_:)``, also when some attributes are stored where they are not read.
  func marks(
    of header: HDF5ObjectHeader, at path: String
  ) throws(FormatError) -> [(attribute: String, text: String)] {
    guard !header.hasAttributesElsewhere else { throw .hdf5(.attributesElsewhere(path: path)) }
    var found: [(attribute: String, text: String)] = []
    for attribute in header.attributes {
      let name = Self.text(attribute.name) ?? ""
      if case .unread = attribute.kind { throw .hdf5(.attributeElsewhere(name, path: path)) }
      if let text = try text(of: attribute) { found.append((name, text)) }
    }
    return found
  }

  /// The texts of one attribute of the object at `path`; nil when there is no such attribute, or it is no text.
  /// - Throws: ``FormatError/hdf5(_:)``, also when the attribute is too large, or stored in a way that is not
  ///   read.
  func list(
    _ name: String, of header: HDF5ObjectHeader, at path: String
  ) throws(FormatError) -> [String]? {
    guard let attribute = header.attributes.first(where: { $0.name.elementsEqual(name.utf8) })
    else { return nil }
    switch try value(of: attribute, limit: Limits.hdf5NamesBytes) {
    case .texts(let found):
      var texts: [String] = []
      for bytes in found {
        guard let text = Self.text(bytes) else { throw .hdf5(.attributeInvalid(name, path: path)) }
        texts.append(text)
      }
      return texts
    case .other: return nil
    case .elsewhere, .tooLarge: throw .hdf5(.attributeElsewhere(name, path: path))
    }
  }

  private enum Value {
    case texts([ArraySlice<UInt8>])
    case elsewhere
    case tooLarge
    case other
  }

  /// Decodes the value of an attribute.
  /// - Parameter limit: The most bytes that the attribute may have in the object's header.
  private func value(of attribute: HDF5Attribute, limit: Int) throws(FormatError) -> Value {
    switch attribute.kind {
    case .unread: return .elsewhere
    // An attribute without values counts as an empty list of texts, whatever its type is.
    case .other: return attribute.count == 0 ? .texts([]) : .other
    case .references:
      guard attribute.count <= limit / 16 else { return .tooLarge }
      return .texts(try heap.texts(Array(attribute.value), count: attribute.count))
    case .texts(let bytes):
      guard bytes > 0, attribute.count <= limit / bytes else { return .tooLarge }
      var values = HDF5Fields.Cursor(bytes: attribute.value)
      var texts: [ArraySlice<UInt8>] = []
      for _ in 0..<attribute.count { texts.append(try values.take(bytes).prefix { $0 != 0 }) }
      return .texts(texts)
    }
  }
}
#endif
