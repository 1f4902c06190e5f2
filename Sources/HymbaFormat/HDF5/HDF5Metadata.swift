#if HDF5
/// The metadata of an HDF5 file: the attributes of the root that are one text each. All other attributes are
/// left aside by name.
struct HDF5Metadata {
  private(set) var entries: NameTable<String> = [:]
  /// The attributes that did not become metadata.
  let leftAside: [LeftAside]

  /// The configurations that Keras writes for itself. They are of no use without Keras.
  private static let configurations: Set = ["model_config", "training_config"]

  /// - Parameters:
  ///   - usesLayerNames: Whether Keras 2's lists of names are at the root, and were read.
  ///   - inner: The attributes below the root that were not read, and the bytes of their values.
  /// - Throws: ``FormatError/hdf5(_:)``.
  init(
    _ root: HDF5ObjectHeader, _ texts: HDF5Texts, usesLayerNames: Bool,
    inner: (names: [String], bytes: Int)
  ) throws(FormatError) {
    var others: [String] = []
    var bytes = inner.bytes
    for attribute in root.attributes {
      let name = HDF5Texts.text(attribute.name)
      if usesLayerNames, name?.hasPrefix(KerasNames.layers) ?? false { continue }
      if let name, !Self.configurations.contains(name), entries[name] == nil,
        let text = try texts.text(of: attribute)
      {
        entries[name] = text
      } else {
        others.append(name.map { "attribute \($0)" } ?? "an attribute with an invalid name")
        bytes += attribute.value.count
      }
    }
    if root.hasAttributesElsewhere { others.append("attributes that are stored apart") }
    others += inner.names
    leftAside = others.isEmpty ? [] : [LeftAside(.notTensors, names: others, bytes: bytes)]
  }
}
#endif
