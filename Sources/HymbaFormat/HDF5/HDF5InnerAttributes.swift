#if HDF5
/// The attributes of the groups and datasets below the root. A container has no place for them.
struct HDF5InnerAttributes {
  private struct Attribute {
    /// The object that has the attribute: the first path by which it was found, and the address of its header.
    let path: String
    let address: UInt64
    /// The name; nil when it is not valid text.
    let name: String?
    let bytes: Int
  }

  private var found: [Attribute] = []
  /// The paths of objects with attributes that are not in their headers.
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

  /// The attributes that were not used for the tensors.
  ///
  /// - Parameter usesLayerNames: Whether Keras 2's lists of names were read.
  /// - Returns: The attributes, named as a message names them, and the bytes of their values.
  func unread(
    _ contents: HDF5Contents, usesLayerNames: Bool
  ) -> (names: [String], bytes: Int) {
    let marks = Dictionary(
      contents.tensors.map { ($0.address, $0.mark) }, uniquingKeysWith: { first, _ in first })
    var names: [String] = []
    var bytes = 0
    // The state of training is left aside as a whole, and was named for that.
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
