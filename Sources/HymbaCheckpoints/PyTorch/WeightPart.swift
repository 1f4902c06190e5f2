import HymbaFormat

/// Which of a checkpoint's tensors are the weights: all of them, or those in a part that is known by its name and
/// beside which nothing could be weights.
struct WeightPart {
  /// The names that lead to the weights, which theirs are without.
  private(set) var part: [String] = []
  private(set) var kept: [PickleContents.Item]
  private(set) var aside: [PickleContents.Item] = []
  /// What ``aside`` lies in, each once.
  private(set) var asideNames: [[String]] = []

  /// Under which names training programs keep the weights: PyTorch's tutorials, Lightning, timm, DeepSpeed.
  private static let names = ["state_dict", "model_state_dict", "model", "module"]
  /// What parts beside them are called that hold tensors and yet no weights.
  private static let asideMarks = ["optim", "sched", "scaler", "rng", "callback"]

  static func isName(_ name: String) -> Bool { names.contains(name) }

  private var asideKeys: Set<NameKey> = []

  /// Whether `path` leads into what is left aside.
  func isAside(_ path: [String]) -> Bool {
    (0...part.count).contains { asideKeys.contains(Self.key(of: path.prefix($0 + 1))) }
  }

  static func key(of path: ArraySlice<String>) -> NameKey {
    NameKey(path.joined(separator: "\0"))
  }

  init(of tensors: [PickleContents.Item], _ objects: PickleObjects) {
    kept = tensors
    while let next = Self.part(of: kept, objects) {
      for item in kept where item.path.first != next {
        aside.append(item)
        let name = part + item.path.prefix(1)
        if asideKeys.insert(Self.key(of: name[...])).inserted { asideNames.append(name) }
      }
      kept = kept.filter { $0.path.first == next }
        .map { PickleContents.Item(path: Array($0.path.dropFirst()), value: $0.value) }
      part.append(next)
    }
  }

  private static func part(
    of items: [PickleContents.Item], _ objects: PickleObjects
  ) -> String? {
    let groups = Dictionary(grouping: items) { NameKey($0.path[0]) }
    guard
      let part = names.first(where: { name in
        groups[NameKey(name)].map { $0.allSatisfy { $0.path.count > 1 } } ?? false
      })
    else { return nil }
    let isAside = groups.allSatisfy { key, items in
      let name = key.name
      return name == part || asideMarks.contains { name.lowercased().contains($0) }
        || name.lowercased().split(separator: "_").contains("ema")
        || items.allSatisfy { isMeasurement($0, objects) }
    }
    return isAside ? part : nil
  }

  /// A number anywhere, or a row of numbers beside the parts: the best loss, the state of a random generator.
  private static func isMeasurement(
    _ item: PickleContents.Item, _ objects: PickleObjects
  ) -> Bool {
    guard case .tensor(let index) = item.value else { return false }
    let dimensions = objects.tensors[index].dimensions
    return dimensions.allSatisfy { $0 == 1 } || item.path.count == 1 && dimensions.count == 1
  }
}
