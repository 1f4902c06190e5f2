import HymbaFormat

/// Chooses the weights among a checkpoint's tensors. They are all tensors, or those in a part with a usual name
/// such as `model`, when nothing beside that part could be weights.
struct WeightPart {
  /// The names that lead to the weights. The weights' own names are without them.
  private(set) var part: [String] = []
  private(set) var kept: [PickleContents.Item]
  private(set) var aside: [PickleContents.Item] = []
  /// Paths of what holds the tensors in ``aside``, each once.
  private(set) var asideNames: [[String]] = []
  /// Parts that could each be the weights, so that none is chosen. Empty when there are fewer than two.
  private(set) var rivals: [String] = []

  /// Names under which training programs keep the weights: PyTorch's tutorials, Lightning, timm, DeepSpeed.
  private static let names = ["state_dict", "model_state_dict", "model", "module"]
  /// Texts in the names of parts that hold tensors but no weights.
  private static let asideMarks = ["optim", "sched", "scaler", "rng", "callback"]

  /// Whether `name` is a usual name for the weights.
  static func isName(_ name: String) -> Bool { names.contains(name) }

  private var asideKeys: Set<NameKey> = []

  /// Whether `path` leads into a part that is left aside.
  func isAside(_ path: [String]) -> Bool {
    (0...part.count).contains { asideKeys.contains(Self.key(of: path.prefix($0 + 1))) }
  }

  /// A path as one key.
  static func key(of path: ArraySlice<String>) -> NameKey {
    NameKey(path.joined(separator: "\0"))
  }

  /// Descends into the part that holds the weights, as long as there is one.
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

  /// The name of the part that holds the weights; nil when there is none, or something beside it could be
  /// weights.
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

  /// Whether there are items, and all of them lie in a dictionary or list below their first name.
  private static func isPart(_ items: [PickleContents.Item]?) -> Bool {
    items?.allSatisfy { $0.path.count > 1 } ?? false
  }

  /// Whether the name of a part says that it holds the state of training.
  private static func isTraining(_ name: String) -> Bool {
    asideMarks.contains { name.lowercased().contains($0) }
  }

  /// The names of the parts that the tensors lie in, when all tensors are the state of training; nil when any
  /// could be weights.
  ///
  /// - Parameter isBeside: Whether the tensors lie beside a part for the weights, which is empty.
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
      // Tensors of one part mostly follow one another.
      if names.last != item.path[0] { names.append(item.path[0]) }
    }
    return names
  }

  /// Whether a tensor is a measurement: a single number anywhere, or a row of numbers outside all parts.
  /// Examples are the best loss and the state of a random generator.
  private static func isMeasurement(
    _ item: PickleContents.Item, _ objects: PickleObjects
  ) -> Bool {
    guard case .tensor(let index) = item.value else { return false }
    let dimensions = objects.tensors[index].dimensions
    return dimensions.allSatisfy { $0 == 1 } || item.path.count == 1 && dimensions.count == 1
  }
}
