import CHDF5

extension HDF5File {
  /// The text or texts of an attribute of the object at `path`; nil when it has no such attribute, or one of
  /// another type that is not empty. The corresponding C functions are `H5Aopen_by_name` and `H5Aread`.
  ///
  /// - Parameter limit: The most bytes and texts that the attribute may have.
  public func texts(
    ofAttribute name: String, at path: String, limit: Int
  ) throws(HDF5Error) -> [String]? {
    let access = try accessList()
    let exists = try Gate.call { unsafe H5Aexists_by_name(id.value, path, name, access.value) }
    guard exists > 0 else { return nil }
    let attribute = try Identifier {
      unsafe H5Aopen_by_name(id.value, path, name, chdf5_default(), access.value)
    }
    return try texts(of: attribute, limit: limit)
  }

  /// Those attributes of the object at `path` that are one text of at most `limit` bytes.
  public func singleTexts(
    at path: String, limit: Int
  ) throws(HDF5Error) -> [(name: String, text: String)] {
    let access = try accessList()
    var found: [(name: String, text: String)] = []
    for index in 0..<(try object(at: path).attributeCount) {
      guard index < limit else { throw .tooMany("attributes", limit: limit) }
      let attribute = try Identifier {
        unsafe H5Aopen_by_idx(
          id.value, path, H5_INDEX_NAME, H5_ITER_INC, hsize_t(index), chdf5_default(),
          access.value)
      }
      guard let texts = try? texts(of: attribute, limit: limit), texts.count == 1,
        let text = texts.first, text.utf8.count <= limit
      else { continue }
      found.append((try name(of: attribute), text))
    }
    return found
  }

  private func name(of attribute: borrowing Identifier) throws(HDF5Error) -> String {
    let length = try Gate.call { H5Aget_name(attribute.value, 0, nil) }
    // Headers hold messages of at most 64 kB.
    guard length < 1 << 16 else { throw .tooMany("bytes of a name", limit: 1 << 16) }
    var name = [CChar](repeating: 0, count: length + 1)
    try Gate.call { unsafe H5Aget_name(attribute.value, name.count, &name) }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
    return text
  }

  private func texts(
    of attribute: borrowing Identifier, limit: Int
  ) throws(HDF5Error) -> [String]? {
    let space = try Identifier { H5Aget_space(attribute.value) }
    let type = try Identifier { H5Aget_type(attribute.value) }
    let count = try Gate.call { Int(clamping: H5Sget_simple_extent_npoints(space.value)) }
    // An empty list has no type of its own: NumPy makes it one of floats.
    guard count > 0 else { return [] }
    guard try Gate.call({ H5Tget_class(type.value).rawValue }) == H5T_STRING.rawValue else {
      return nil
    }
    let bytes = try Gate.call { Int(clamping: H5Tget_size(type.value)) }
    let (total, overflow) = count.multipliedReportingOverflow(by: bytes)
    guard bytes > 0, !overflow, total <= limit else {
      throw .tooMany("bytes of an attribute", limit: limit)
    }
    return try Gate.call { H5Tis_variable_str(type.value) } > 0
      ? variableTexts(attribute, type, space, count: count)
      : fixedTexts(attribute, type, count: count, bytes: bytes)
  }

  private func fixedTexts(
    _ attribute: borrowing Identifier, _ type: borrowing Identifier, count: Int, bytes: Int
  ) throws(HDF5Error) -> [String] {
    var buffer = [UInt8](repeating: 0, count: count * bytes)
    try Gate.call { unsafe H5Aread(attribute.value, type.value, &buffer) }
    var texts: [String] = []
    for start in stride(from: 0, to: buffer.count, by: bytes) {
      let field = buffer[start..<start + bytes].prefix { $0 != 0 }
      guard let text = String(validating: field, as: UTF8.self) else { throw .notUTF8 }
      texts.append(text)
    }
    return texts
  }

  /// The library allocates each text; `H5Dvlen_reclaim` frees them.
  private func variableTexts(
    _ attribute: borrowing Identifier, _ type: borrowing Identifier,
    _ space: borrowing Identifier, count: Int
  ) throws(HDF5Error) -> [String] {
    var pointers = unsafe [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
    try Gate.call { unsafe H5Aread(attribute.value, type.value, &pointers) }
    // A nil text is an empty one.
    let texts = unsafe pointers.map { pointer in
      unsafe pointer.map { unsafe String(validatingCString: $0) } ?? ""
    }
    try Gate.call {
      unsafe H5Dvlen_reclaim(type.value, space.value, chdf5_default(), &pointers)
    }
    guard !texts.contains(nil) else { throw .notUTF8 }
    return texts.compactMap { $0 }
  }
}
