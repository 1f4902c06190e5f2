import HymbaFormat
import HymbaInspection
import HymbaReport
import HymbaTerminal

/// The parameters as a tree. Names branch at their dots, each branch has its totals, and equal layers are one
/// branch.
struct ParameterTree {
  private let tree: NameTree
  /// The levels below the root that are shown.
  private let depth: Int

  init(_ listing: ParameterListing, _ options: TreeOptions) {
    self.tree = NameTree(
      listing.parameters.lazy.map {
        (name: $0.name, tensor: .init(type: $0.shownType, shape: $0.shape, bytes: $0.bytes))
      }, folds: !options.noFold)
    self.depth = options.depth ?? .max
  }

  var lines: [String] {
    var lines = [
      ".  \(tree.root.elements.groupedText) parameters  \(tree.root.bytes.byteText)"
    ]
    append(tree.root, indent: "", level: 1, to: &lines)
    if tree.isFolded {
      lines += ["", "× joins equal branches, and the lines below are the sizes of one"]
    }
    return lines
  }

  private func append(
    _ branch: NameTree.Branch, indent: String, level: Int, to lines: inout [String]
  ) {
    guard level <= depth else { return }
    for (position, child) in branch.children.enumerated() {
      let isLast = position == branch.children.count - 1
      lines.append(
        "\(indent)\(isLast ? "└─ " : "├─ ")\(child.label.printable)\(Self.sizes(of: child))")
      append(child, indent: indent + (isLast ? "   " : "│  "), level: level + 1, to: &lines)
    }
  }

  /// The type, shape and size of a branch.
  private static func sizes(of branch: NameTree.Branch) -> String {
    let tensor = branch.tensor.map { "  \($0.type) \($0.shape)" } ?? ""
    let elements = branch.elements.groupedText
    let (count, all) = (branch.count, branch.count * branch.elements)
    let number = count == 1 ? elements : "\(count.groupedText) × \(elements) = \(all.groupedText)"
    return "\(tensor)  \(number)  \((count * branch.bytes).byteText)"
  }
}
