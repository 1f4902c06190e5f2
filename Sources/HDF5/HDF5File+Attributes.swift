import CHDF5

/// A named value of an object, as far as it is text.
public struct HDF5Attribute: Sendable, Equatable {
  public enum Value: Sendable, Equatable {
    /// Texts of one fixed length, or nothing at all: an empty list has no type of its own.
    case texts([String])
    /// Texts that are somewhere else in the file. The library is not asked for them: it follows whatever a
    /// damaged file says, up to a crash.
    case scattered(count: Int)
    case tooLarge
    case other
  }

  public let name: String
  public let value: Value
}

extension HDF5File {
  /// An attribute of the object at `path`; nil when there is none of this name. The corresponding C function
  /// is `H5Aopen_by_name`.
  ///
  /// - Parameter limit: The most bytes that the attribute may have in the object's header.
  public func attribute(
    _ name: String, at path: String, limit: Int
  ) throws(HDF5Error) -> HDF5Attribute? {
    let exists = try Gate.call { unsafe H5Aexists_by_name(id.value, path, name, access.value) }
    guard exists > 0 else { return nil }
    let attribute = try Identifier {
      unsafe H5Aopen_by_name(id.value, path, name, chdf5_default(), access.value)
    }
    return HDF5Attribute(name: name, value: try value(of: attribute, limit: limit))
  }

  /// All attributes of the object at `path`, by name. The corresponding C function is `H5Aopen_by_idx`.
  ///
  /// - Parameters:
  ///   - limit: The most bytes that each may have.
  ///   - count: The most attributes.
  public func attributes(
    at path: String, limit: Int, count: Int
  ) throws(HDF5Error) -> [HDF5Attribute] {
    let found = try object(at: path).attributeCount
    guard found <= count else { throw .tooMany("attributes", limit: count) }
    var attributes: [HDF5Attribute] = []
    for index in 0..<found {
      let attribute = try Identifier {
        unsafe H5Aopen_by_idx(
          id.value, path, H5_INDEX_NAME, H5_ITER_INC, hsize_t(index), chdf5_default(),
          access.value)
      }
      attributes.append(
        HDF5Attribute(
          name: try name(of: attribute), value: try value(of: attribute, limit: limit)))
    }
    return attributes
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

  private func value(
    of attribute: borrowing Identifier, limit: Int
  ) throws(HDF5Error) -> HDF5Attribute.Value {
    let space = try Identifier { H5Aget_space(attribute.value) }
    let type = try Identifier { H5Aget_type(attribute.value) }
    let count = try Gate.call { Int(clamping: H5Sget_simple_extent_npoints(space.value)) }
    guard count > 0 else { return .texts([]) }
    guard try Gate.call({ H5Tget_class(type.value).rawValue }) == H5T_STRING.rawValue else {
      return .other
    }
    let bytes = try Gate.call { Int(clamping: H5Tget_size(type.value)) }
    let (total, overflow) = count.multipliedReportingOverflow(by: bytes)
    guard bytes > 0, !overflow, total <= limit else { return .tooLarge }
    if try Gate.call({ H5Tis_variable_str(type.value) }) > 0 { return .scattered(count: count) }
    return .texts(try fixedTexts(attribute, type, count: count, bytes: bytes))
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
}
