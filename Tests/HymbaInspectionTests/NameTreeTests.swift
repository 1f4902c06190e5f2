import HymbaInspection
import Testing

@Suite("Names as a tree")
struct NameTreeTests {
  private func tree(_ names: [(String, [Int])], folds: Bool = true) -> NameTree {
    NameTree(
      names.map { (name: $0.0, tensor: .init(type: "F32", shape: $0.1, bytes: 4 * $0.1.reduce(1, *))) },
      folds: folds)
  }

  private func lines(_ branch: NameTree.Branch, _ indent: String = "") -> [String] {
    branch.children.flatMap { child in
      ["\(indent)\(child.label) \(child.count)x\(child.elements)/\(child.bytes)"]
        + lines(child, indent + " ")
    }
  }

  @Test("equal layers are one whatever the order of their tensors, and types count")
  func order() {
    var names = (0..<12).flatMap { layer in [("h.\(layer).a", [2]), ("h.\(layer).b", [3])] }
    names.swapAt(2, 3)
    #expect(lines(tree(names).root) == ["h.{0..11} 12x5/20", " a 1x2/8", " b 1x3/12"])
    #expect(tree(names).root.elements == 60 && tree(names).root.bytes == 240)
    let types = NameTree(
      [
        (name: "0.a", tensor: .init(type: "F32", shape: [2], bytes: 8)),
        (name: "1.a", tensor: .init(type: "F64", shape: [1], bytes: 8)),
      ], folds: true)
    #expect(!types.isFolded && types.root.children.count == 2)
  }

  @Test("layers and the experts in them fold, each with the sizes of one")
  func nested() {
    let names = (0..<2).flatMap { layer in
      [("layers.\(layer).norm", [5])] + (0..<3).map { ("layers.\(layer).experts.\($0).w", [2, 2]) }
    }
    #expect(
      lines(tree(names).root) == [
        "layers.{0,1} 2x17/68", " norm 1x5/20", " experts.{0..2}.w 3x4/16",
      ])
    #expect(tree(names).isFolded && tree(names).root.elements == 34)
    #expect(!tree(names, folds: false).isFolded)
  }

  @Test("a name that is a tensor and the beginning of others keeps its sizes beside theirs")
  func inner() {
    #expect(lines(tree([("a", [2]), ("a.b", [3]), ("a.b.c", [4])]).root) == [
      "a 1x9/36", " b 1x7/28", "  c 1x4/16",
    ])
  }

  @Test("names that only Unicode takes for equal are two")
  func equivalents() {
    let tree = tree([("\u{E9}.w", [1]), ("e\u{301}.w", [1])])
    #expect(tree.root.children.count == 2)
  }

  @Test("sums stay whole, and nothing at all is a root alone")
  func empty() {
    #expect(tree([]).root.elements == 0 && tree([]).root.children.isEmpty)
    #expect(tree([("0", [0]), ("1", [0])]).root.children.map(\.label) == ["{0,1}"])
  }
}
