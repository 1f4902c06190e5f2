import HymbaFormat

/// The layers of a Hymba that use the keys and values of another layer.
///
/// The original goes through the layers in order. For each group it remembers the keys and values that the
/// first layer of the group used. Every other layer uses those that the first group with this layer remembers.
/// So the first layer of a group may itself use the keys and values of another layer. Where several groups
/// begin with the same layer, the original only fills the first of them.
struct KeyValueGroups {
  /// The layer whose keys and values a layer uses, by the index of the layer that uses them. Layers that use
  /// their own are not in it.
  let producers: [Int: Int]

  init(_ values: OptionValues, layerCount: Int) throws(ConversionError) {
    guard let groups = try Self.groups(values) else {
      let every = try values.whole("kv_reuse_every_i_layer")
      self.producers =
        every > 0
        ? Dictionary(
          uniqueKeysWithValues: (0..<layerCount).filter { $0 % every != 0 }
            .map { ($0, $0 - $0 % every) }) : [:]
      return
    }
    var groupOfFront: [Int: Int] = [:]
    var groupOfUser: [Int: Int] = [:]
    for (index, group) in groups.enumerated() {
      if groupOfFront[group[0]] == nil { groupOfFront[group[0]] = index }
      for user in group.dropFirst() where groupOfUser[user] == nil { groupOfUser[user] = index }
    }
    var producers: [Int: Int] = [:]
    for layer in 0..<layerCount {
      guard let index = groupOfUser[layer] else { continue }
      let front = groups[index][0]
      guard (0..<layer).contains(front) else {
        throw Self.invalid(
          "a group in which layer \(layer) uses the keys and values of layer \(front)",
          "an earlier layer at the front of each group")
      }
      guard groupOfFront[front] == index else {
        throw Self.invalid(
          "a list with several groups that begin with layer \(front)",
          "one group for each layer whose keys and values others use")
      }
      producers[layer] = producers[front] ?? front
    }
    self.producers = producers
  }

  /// The groups in `kv_reuse_group`, as indices of layers; nil where the option is absent.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is no list of groups.
  private static func groups(_ values: OptionValues) throws(ConversionError) -> [[Int]]? {
    guard let lists = try values.list("kv_reuse_group") else { return nil }
    var groups: [[Int]] = []
    for list in lists {
      guard case .array(let elements) = list, !elements.isEmpty,
        case let layers = elements.compactMap(\.wholeNumber), layers.count == elements.count
      else {
        throw invalid(
          "a list with \(list.summary)",
          "lists of layer numbers, each with the layer in front whose keys and values the others use"
        )
      }
      groups.append(layers)
    }
    return groups
  }

  private static func invalid(_ found: String, _ expected: String) -> ConversionError {
    .option("kv_reuse_group", found: found, expected: expected)
  }
}
