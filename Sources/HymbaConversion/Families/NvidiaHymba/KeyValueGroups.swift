import HymbaFormat

/// Which layers of a Hymba use the keys and values of another.
///
/// The original goes through the layers in order. It remembers by group what the layer in front of the group
/// used; a layer that is behind the front of a group uses what the first such group remembers. So a front may
/// itself use another layer's, and of several groups with one front only the first is ever filled.
struct KeyValueGroups {
  /// By layer: the layer whose own keys and values it uses.
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

  /// The lists of layer numbers; nil where the option is absent.
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
