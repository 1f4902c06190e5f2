import HymbaFormat
import HymbaTerminal

/// Parameters by the dots in their names, each branch with its total.
struct ParameterTree {
  private final class Node {
    var children: [(name: String, node: Node)] = []
    var elements = 0
    var shape: [Int]?
  }

  private let root = Node()

  init(_ listing: ParameterListing) {
    for line in listing.parameters {
      var node = root
      node.elements += line.elements
      for part in line.name.split(separator: ".", omittingEmptySubsequences: false) {
        let name = String(part)
        if let child = node.children.first(where: { $0.name == name }) {
          node = child.node
        } else {
          let child = Node()
          node.children.append((name, child))
          node = child
        }
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
