import CHDF5

#if canImport(Glibc)
  import Glibc
#endif

/// An entry of a group.
package struct HDF5Link: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// A name of the object whose header is at this address of the file.
    case hard(address: UInt64)
    /// The path that is written in the link. Bytes that are not UTF-8 are replaced, because no object that is
    /// read has such a name.
    case soft(String)
    /// Another file and a path in it, with the same replacements.
    case external(file: String, path: String)
    case unknown
  }

  package let name: String
  package let kind: Kind
}

extension HDF5File {
  /// The entries of the group whose header is at `address`, in the order in which they are stored. The
  /// corresponding C function is `H5Literate`.
  ///
  /// - Parameters:
  ///   - limit: The most entries that the group may have.
  ///   - nameBytes: The most bytes that the name of an entry may have.
  /// - Throws: ``HDF5Error/tooMany(_:limit:)`` beyond `limit` entries, ``HDF5Error/longName``,
  ///   ``HDF5Error/notUTF8(_:)``, ``HDF5Error/library(_:)``.
  package func links(
    ofGroupAt address: UInt64, limit: Int, nameBytes: Int
  ) throws(HDF5Error) -> [HDF5Link] {
    let group = try open(at: address)
    var found = FoundLinks(limit: limit, nameBytes: nameBytes)
    try Gate.call {
      unsafe withUnsafeMutablePointer(to: &found) { pointer in
        unsafe chdf5_iterate_links(group.value, addLink, pointer)
      }
    }
    guard found.entries.count <= limit else { throw .tooMany("entries of a group", limit: limit) }
    if let problem = found.problem { throw problem }
    var links: [HDF5Link] = []
    for (name, type, value) in found.entries {
      let kind: HDF5Link.Kind =
        switch type {
        case H5L_TYPE_HARD: .hard(address: value)
        case H5L_TYPE_SOFT: .soft(try softTarget(of: name, Int(clamping: value), in: group))
        case H5L_TYPE_EXTERNAL: try externalTarget(of: name, Int(clamping: value), in: group)
        default: .unknown
        }
      links.append(HDF5Link(name: name, kind: kind))
    }
    return links
  }

  private func value(
    of name: String, _ byteCount: Int, in group: borrowing Identifier
  ) throws(HDF5Error) -> [UInt8] {
    // A message in a header, and so a link, has at most 64 kB.
    guard byteCount <= 1 << 16 else { throw .tooMany("bytes of a link", limit: 1 << 16) }
    var value = [UInt8](repeating: 0, count: byteCount + 1)
    try Gate.call {
      unsafe H5Lget_val(group.value, name, &value, byteCount, chdf5_default())
    }
    return value
  }

  private func softTarget(
    of name: String, _ byteCount: Int, in group: borrowing Identifier
  ) throws(HDF5Error) -> String {
    text(try value(of: name, byteCount, in: group)[...])
  }

  /// The target of an external link. Its value is a byte of flags, then the file and the path, each with a zero
  /// byte at the end.
  private func externalTarget(
    of name: String, _ byteCount: Int, in group: borrowing Identifier
  ) throws(HDF5Error) -> HDF5Link.Kind {
    let value = try value(of: name, byteCount, in: group).dropFirst()
    let file = value.prefix { $0 != 0 }
    return .external(file: text(file), path: text(value.dropFirst(file.count + 1)))
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// The entries that the library passed so far.
private struct FoundLinks {
  let limit: Int
  let nameBytes: Int
  /// The entries. The value is the address for a hard link, and the size in bytes for every other link.
  var entries: [(name: String, type: H5L_type_t, value: UInt64)] = []
  var problem: HDF5Error?

  init(limit: Int, nameBytes: Int) {
    self.limit = limit
    self.nameBytes = nameBytes
  }
}

/// The callback of the iteration, called once for each entry. A result other than 0 ends the iteration.
private func addLink(
  _: hid_t, _ name: UnsafePointer<CChar>?, _ info: UnsafePointer<H5L_info_t>?,
  _ context: UnsafeMutableRawPointer?
) -> herr_t {
  guard let name = unsafe name, let info = unsafe info,
    let found = unsafe context?.assumingMemoryBound(to: FoundLinks.self)
  else { return -1 }
  let nameBytes = unsafe found.pointee.nameBytes
  let count = unsafe strnlen(name, nameBytes + 1)
  guard count <= nameBytes else {
    unsafe found.pointee.problem = .longName
    return 1
  }
  guard let text = unsafe String(validatingCString: name) else {
    // The buffer has as many bytes as `strnlen` counted.
    let bytes = unsafe UnsafeBufferPointer(start: name, count: count).map { UInt8(bitPattern: $0) }
    unsafe found.pointee.problem = .notUTF8(pythonLiteral(bytes))
    return 1
  }
  let type = unsafe info.pointee.type
  let value =
    type == H5L_TYPE_HARD
    ? unsafe UInt64(info.pointee.u.address) : unsafe UInt64(info.pointee.u.val_size)
  unsafe found.pointee.entries.append((text, type, value))
  return unsafe found.pointee.entries.count > found.pointee.limit ? 1 : 0
}
