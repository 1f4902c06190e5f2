#if HDF5
/// The attributes of an HDF5 file: metadata where they are one text of the root, and otherwise left aside by name.
struct HDF5Metadata {
  private(set) var entries: NameTable<String> = [:]
  /// What did not become metadata.
  let leftAside: [LeftAside]

  /// What Keras writes for itself: the layers' configurations, of no use without it.
  private static let configurations: Set = ["model_config", "training_config"]

  /// - Parameters:
  ///   - usesLayerNames: Whether the lists of Keras 2's names are at the root, and were read.
  ///   - inner: Attributes below the root that were not read.
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
