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
  /// Parts that could all be the weights, so that none is chosen; empty when there are not several.
  private(set) var rivals: [String] = []

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
        .map { item in
          var item = item
          item.path.removeFirst()
          return item
        }
      part.append(next)
    }
    let groups = Dictionary(grouping: kept) { NameKey($0.path[0]) }
    let could = Self.names.filter { Self.isPart(groups[NameKey($0)]) }
    rivals = could.count > 1 ? could : []
  }

  private static func part(
    of items: [PickleContents.Item], _ objects: PickleObjects
  ) -> String? {
    let groups = Dictionary(grouping: items) { NameKey($0.path[0]) }
    guard let part = names.first(where: { isPart(groups[NameKey($0)]) }) else { return nil }
    let isAside = groups.allSatisfy { key, items in
      key.name == part || isTraining(key.name)
        || key.name.lowercased().split(separator: "_").contains("ema")
        || items.allSatisfy { isMeasurement($0, objects) }
    }
    return isAside ? part : nil
  }

  /// Whether what lies below a name that weights could have is a dictionary.
  private static func isPart(_ items: [PickleContents.Item]?) -> Bool {
    items?.allSatisfy { $0.path.count > 1 } ?? false
  }

  private static func isTraining(_ name: String) -> Bool {
    asideMarks.contains { name.lowercased().contains($0) }
  }

  /// The names of what the tensors lie in, where all of it is the state of training and none could be weights.
  ///
  /// - Parameter isBeside: Whether it lies beside a part for the weights, which is empty.
  static func trainingAlone(
    _ items: [PickleContents.Item], isBeside: Bool, _ objects: PickleObjects
  ) -> [String]? {
    var names: [String] = []
    for item in items {
      let isState =
        isBeside
        ? isTraining(item.path[0]) || isMeasurement(item, objects)
        : item.path.count > 1 && item.path[0].lowercased().contains("optimizer")
      guard isState else { return nil }
      // Those of one part mostly follow each other.
      if names.last != item.path[0] { names.append(item.path[0]) }
    }
    return names
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
