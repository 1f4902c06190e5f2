#if HDF5
/// The attributes of the groups and datasets below the root, for which a container has no place.
struct HDF5InnerAttributes {
  private struct Attribute {
    /// Of the object that has it: where it was met first, and where its header is.
    let path: String
    let address: UInt64
    /// nil for a name that is not valid.
    let name: String?
    let bytes: Int
  }

  private var found: [Attribute] = []
  /// Objects with attributes that are not in their headers.
  private var paths: [String] = []

  mutating func add(_ header: HDF5ObjectHeader, _ path: String, _ address: UInt64) {
    for attribute in header.attributes {
      found.append(
        Attribute(
          path: path, address: address, name: HDF5Texts.text(attribute.name),
          bytes: attribute.value.count))
    }
    if header.hasAttributesElsewhere { paths.append(path) }
  }

  /// Those that were not read for the tensors, as a sentence names them, and the bytes of their values.
  ///
  /// - Parameter usesLayerNames: Whether the lists of Keras 2's names were read.
  func unread(
    _ contents: HDF5Contents, usesLayerNames: Bool
  ) -> (names: [String], bytes: Int) {
    let marks = Dictionary(
      contents.tensors.map { ($0.address, $0.mark) }, uniquingKeysWith: { first, _ in first })
    var names: [String] = []
    var bytes = 0
    // What is left aside as a whole has been named.
    for attribute in found where !contents.training.holds(attribute.path + "/") {
      if let name = attribute.name {
        if usesLayerNames, KerasNames.lists.contains(where: name.hasPrefix) { continue }
        if case name?? = marks[attribute.address] { continue }
      }
      names.append(
        (attribute.name.map { "attribute \($0)" } ?? "an attribute with an invalid name")
          + " of \(attribute.path)")
      bytes += attribute.bytes
    }
    for path in paths where !contents.training.holds(path + "/") {
      names.append("attributes of \(path) that are stored apart")
    }
    return (names, bytes)
  }
}
#endif
