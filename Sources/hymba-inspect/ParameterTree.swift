import HymbaFormat
import HymbaTerminal

/// The parameters as a tree. Names branch at their dots, and each branch has its total.
struct ParameterTree {
  private final class Node {
    var children: [(name: String, node: Node)] = []
    /// The position of each child by its name. A branch may have as many children as there are experts, or
    /// tensors.
    var positions: NameTable<Int> = [:]
    var elements = 0
    var shape: [Int]?

    /// The child of this name. It is made when there is none yet.
    func child(_ name: String) -> Node {
      if let position = positions[name] { return children[position].node }
      let child = Node()
      positions[name] = children.count
      children.append((name, child))
      return child
    }
  }

  /// The largest number of branches in a name. Further dots stay in the last part: each level prints an indent,
  /// and a file may hold names with thousands of dots.
  private static let depth = 32

  private let root = Node()

  init(_ listing: ParameterListing) {
    for line in listing.parameters {
      var node = root
      node.elements += line.elements
      let parts = line.name.split(
        separator: ".", maxSplits: Self.depth - 1, omittingEmptySubsequences: false)
      for part in parts {
        node = node.child(String(part))
        node.elements += line.elements
      }
      node.shape = line.shape
    }
  }

  var lines: [String] {
    var lines = [".  \(root.elements.groupedText) parameters"]
    append(root, indent: "", to: &lines)
    return lines
  }

  private func append(_ node: Node, indent: String, to lines: inout [String]) {
    for (position, child) in node.children.enumerated() {
      let isLast = position == node.children.count - 1
      let shape = child.node.shape.map { "  \($0)" } ?? ""
      lines.append(
        "\(indent)\(isLast ? "└─ " : "├─ ")\(child.name.printable)\(shape)  \(child.node.elements.groupedText)"
      )
      append(child.node, indent: indent + (isLast ? "   " : "│  "), to: &lines)
    }
  }
}
