import HDF5

/// The attributes of an HDF5 file that are text.
struct HDF5Texts {
  let fields: HDF5Fields

  /// The attributes of the object at `path` that are one text, without those that are too long for it.
  ///
  /// - Parameter skipsElsewhere: Whether those are left out, too, that are kept in a way that is not read.
  /// - Throws: ``FormatError/hdf5(_:)``.
  func all(
    of path: String, in file: borrowing HDF5File, skipsElsewhere: Bool
  ) throws(FormatError) -> [(name: String, text: String)] {
    let attributes = try reading(path) { () throws(HDF5Error) in
      try file.attributes(
        at: path, limit: Limits.hdf5AttributeBytes, count: Limits.hdf5Attributes)
    }
    var found: [(name: String, text: String)] = []
    for attribute in attributes {
      let texts = try texts(attribute, of: path, in: file)
      if texts == nil, case .scattered = attribute.value, !skipsElsewhere {
        throw .hdf5(.attributeElsewhere(attribute.name, path: path))
      }
      guard let texts, texts.count == 1, let text = texts.first,
        text.utf8.count <= Limits.hdf5AttributeBytes
      else { continue }
      found.append((attribute.name, text))
    }
    return found
  }

  /// The texts of one attribute; nil when there is none of this name, or it is no text.
  /// - Throws: ``FormatError/hdf5(_:)``, also when it is too large or kept in a way that is not read.
  func list(
    _ name: String, of path: String, in file: borrowing HDF5File
  ) throws(FormatError) -> [String]? {
    let attribute = try reading(path) { () throws(HDF5Error) in
      try file.attribute(name, at: path, limit: Limits.hdf5NamesBytes)
    }
    guard let attribute, attribute.value != .other else { return nil }
    guard let texts = try texts(attribute, of: path, in: file) else {
      throw .hdf5(.attributeElsewhere(name, path: path))
    }
    return texts
  }

  private func texts(
    _ attribute: HDF5Attribute, of path: String, in file: borrowing HDF5File
  ) throws(FormatError) -> [String]? {
    switch attribute.value {
    case .texts(let texts): return texts
    case .tooLarge, .other: return nil
    case .scattered(let count):
      let object = try reading(path) { () throws(HDF5Error) in try file.object(at: path) }
      let header = try HDF5ObjectHeader(
        at: object.address, attribute: attribute.name, fields)
      guard let references = header.value else { return nil }
      var heap = HDF5GlobalHeap(fields)
      return try heap.texts(references, count: count)
    }
  }
}
