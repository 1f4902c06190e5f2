import HDF5

/// The attributes of an HDF5 file that are text.
final class HDF5Texts {
  private let fields: HDF5Fields
  private var heap: HDF5GlobalHeap

  init(_ fields: HDF5Fields) {
    self.fields = fields
    self.heap = HDF5GlobalHeap(fields)
  }

  var fileBytes: Int { fields.file.byteCount }

  /// The header of the object at `path`.
  func header(
    of path: String, in file: borrowing HDF5File
  ) throws(FormatError) -> HDF5ObjectHeader {
    let object = try reading(path) { () throws(HDF5Error) in try file.object(at: path) }
    return try HDF5ObjectHeader(at: object.address, fields)
  }

  /// The attributes of the object at `path` that are one text, without those that are too long for it.
  ///
  /// - Parameter skipsElsewhere: Whether those are left out, too, that are kept in a way that is not read.
  /// - Throws: ``FormatError/hdf5(_:)``.
  func all(
    of header: HDF5ObjectHeader, at path: String, skipsElsewhere: Bool
  ) throws(FormatError) -> [(name: String, text: String)] {
    guard skipsElsewhere || !header.hasAttributesElsewhere else {
      throw .hdf5(.attributesElsewhere(path: path))
    }
    var found: [(name: String, text: String)] = []
    for attribute in header.attributes {
      guard let name = String(validating: attribute.name, as: UTF8.self) else {
        throw .hdf5(.unreadable(path: path, why: "\(HDF5Error.notUTF8)"))
      }
      switch try value(of: attribute, at: path, limit: Limits.hdf5AttributeBytes) {
      case .texts(let texts):
        guard texts.count == 1, let text = texts.first,
          text.utf8.count <= Limits.hdf5AttributeBytes
        else { continue }
        found.append((name, text))
      case .elsewhere where !skipsElsewhere: throw .hdf5(.attributeElsewhere(name, path: path))
      case .elsewhere, .tooLarge, .other: continue
      }
    }
    return found
  }

  /// The texts of one attribute of the object at `path`; nil when there is none of this name, or it is no text.
  /// - Throws: ``FormatError/hdf5(_:)``, also when it is too large or kept in a way that is not read.
  func list(
    _ name: String, of header: HDF5ObjectHeader, at path: String
  ) throws(FormatError) -> [String]? {
    guard let attribute = header.attributes.first(where: { $0.name.elementsEqual(name.utf8) })
    else { return nil }
    switch try value(of: attribute, at: path, limit: Limits.hdf5NamesBytes) {
    case .texts(let texts): return texts
    case .other: return nil
    case .elsewhere, .tooLarge: throw .hdf5(.attributeElsewhere(name, path: path))
    }
  }

  private enum Value {
    case texts([String])
    case elsewhere
    case tooLarge
    case other
  }

  /// - Parameter limit: The most bytes that the attribute may have in the object's header.
  private func value(
    of attribute: HDF5Attribute, at path: String, limit: Int
  ) throws(FormatError) -> Value {
    switch attribute.kind {
    case .unread: return .elsewhere
    // An empty list has no type of its own.
    case .other: return attribute.count == 0 ? .texts([]) : .other
    case .references:
      guard attribute.count <= limit / 16 else { return .tooLarge }
      return .texts(try heap.texts(Array(attribute.value), count: attribute.count))
    case .texts(let bytes):
      guard bytes > 0, attribute.count <= limit / bytes else { return .tooLarge }
      return .texts(try fixedTexts(attribute, at: path, bytes: bytes))
    }
  }

  private func fixedTexts(
    _ attribute: HDF5Attribute, at path: String, bytes: Int
  ) throws(FormatError) -> [String] {
    var values = HDF5Fields.Cursor(bytes: attribute.value)
    var texts: [String] = []
    for _ in 0..<attribute.count {
      let field = try values.take(bytes).prefix { $0 != 0 }
      guard let text = String(validating: field, as: UTF8.self) else {
        throw .hdf5(.unreadable(path: path, why: "\(HDF5Error.notUTF8)"))
      }
      texts.append(text)
    }
    return texts
  }
}
