import HymbaFormat

/// Names of tensors as a tree that branches at their dots, with the sizes of each branch. Numbered branches
/// that are equal, such as the layers of a model, are one.
package struct NameTree: Sendable {
  /// A tensor at the end of a name.
  package struct Tensor: Hashable, Sendable {
    package let type: String
    package let shape: [Int]
    package let bytes: Int

    package init(type: String, shape: [Int], bytes: Int) {
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }

    var elements: Int { shape.reduce(1, *) }
  }

  package struct Branch: Sendable {
    /// A part of a name, or several where each is the only branch of the one before: `norm.weight`. Where
    /// several branches are equal, their numbers are in braces: `layers.{0..31}`.
    package let label: String
    /// The number of equal branches.
    package let count: Int
    /// The elements of one of these branches, and their bytes.
    package let elements: Int
    package let bytes: Int
    /// The tensor that has the name up to here.
    package let tensor: Tensor?
    package let children: [Branch]
  }

  package let root: Branch
  /// Whether any branch stands for several.
  package let isFolded: Bool

  /// The largest number of branches in a name. Further dots stay in the last part: each level prints an
  /// indent, and a file may hold names with thousands of dots.
  private static let depth = 32

  /// - Parameters:
  ///   - tensors: The tensors with their names. Branches are in the order in which names come.
  ///   - folds: Whether equal branches become one.
  /// - Complexity: Sorts the branches of each name.
  package init(_ tensors: some Sequence<(name: String, tensor: Tensor)>, folds: Bool) {
    let root = Node()
    for (name, tensor) in tensors {
      var node = root
      for part in name.split(
        separator: ".", maxSplits: Self.depth - 1, omittingEmptySubsequences: false)
      { node = node.child(String(part)) }
      node.tensor = tensor
    }
    var folding = Folding(isActive: folds)
    self.root = folding.branch("", root).branch
    self.isFolded = folding.hasFolded
  }

  fileprivate final class Node {
    var children: [(name: String, node: Node)] = []
    /// The position of each child by its name. A branch may have as many children as there are experts, or
    /// tensors.
    var positions: NameTable<Int> = [:]
    var tensor: Tensor?

    /// The child of this name. It is made when there is none yet.
    func child(_ name: String) -> Node {
      if let position = positions[name] { return children[position].node }
      let child = Node()
      positions[name] = children.count
      children.append((name, child))
      return child
    }
  }
}

/// Makes branches of nodes, and numbers their contents: equal branches have equal numbers.
private struct Folding {
  let isActive: Bool
  private(set) var hasFolded = false
  private var numbers: [Content: Int] = [:]

  init(isActive: Bool) { self.isActive = isActive }

  private struct Content: Hashable {
    let tensor: NameTree.Tensor?
    /// The names of the branches, in the order of their bytes, with the numbers of their contents.
    let names: [NameKey]
    let contents: [Int]
  }

  mutating func branch(
    _ label: String, _ node: NameTree.Node
  ) -> (branch: NameTree.Branch, content: Int) {
    var made: [(name: String, branch: NameTree.Branch, content: Int)] = []
    for (name, child) in node.children {
      let (branch, content) = branch(name, child)
      made.append((name, branch, content))
    }
    let sorted = made.sorted { $0.name.utf8Precedes($1.name) }
    let content = Content(
      tensor: node.tensor, names: sorted.map { NameKey($0.name) }, contents: sorted.map(\.content))
    let number = numbers[content] ?? numbers.count
    numbers[content] = number
    let children = folded(made)
    let elements = children.reduce(node.tensor?.elements ?? 0) { $0 + $1.count * $1.elements }
    let bytes = children.reduce(node.tensor?.bytes ?? 0) { $0 + $1.count * $1.bytes }
    return (
      NameTree.Branch(
        label: label, count: 1, elements: elements, bytes: bytes, tensor: node.tensor,
        children: children), number
    )
  }

  /// The branches, with those that have numbers for names and equal contents as one, in the place of the
  /// first.
  private mutating func folded(
    _ made: [(name: String, branch: NameTree.Branch, content: Int)]
  ) -> [NameTree.Branch] {
    guard isActive else { return made.map { joined($0.branch) } }
    var groups: [(branch: NameTree.Branch, numbers: [Int])] = []
    var positions: [Int: Int] = [:]
    for (name, branch, content) in made {
      // The text of ranges has no numbers with zeros in front.
      guard let number = Int(name), number >= 0, "\(number)" == name else {
        groups.append((branch, []))
        continue
      }
      if let position = positions[content] {
        groups[position].numbers.append(number)
      } else {
        positions[content] = groups.count
        groups.append((branch, [number]))
      }
    }
    return groups.map { branch, numbers in
      guard numbers.count > 1 else { return joined(branch) }
      hasFolded = true
      return joined(
        NameTree.Branch(
          label: NumberRanges(numbers).braces, count: numbers.count, elements: branch.elements,
          bytes: branch.bytes, tensor: branch.tensor, children: branch.children))
    }
  }

  /// The branch with its only branch as one, such as `norm.weight` or `layers.{0..31}`. Several branches that
  /// are equal stay one line above what each of them has, where that is several too.
  private func joined(_ branch: NameTree.Branch) -> NameTree.Branch {
    guard branch.tensor == nil, let only = branch.children.first, branch.children.count == 1,
      branch.count == 1 || only.count == 1
    else { return branch }
    return NameTree.Branch(
      label: "\(branch.label).\(only.label)", count: branch.count * only.count,
      elements: only.elements, bytes: only.bytes, tensor: only.tensor, children: only.children)
  }
}
