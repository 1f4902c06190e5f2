import HymbaFormat
import TestSupport
import Testing

@Suite("Options of hymba-inspect parameters")
struct ListingOptionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A file with tensors of bytes, listed under its own names.
  private func list(_ tensors: [(String, [Int])], _ options: String...) throws -> ToolProcess {
    try list(tensors, options)
  }

  private func list(_ tensors: [(String, [Int])], _ options: [String]) throws -> ToolProcess {
    let path = folder.file("m.safetensors")
    let entries = tensors.map { name, shape in
      MemorySource.Entry(name, .uint8, shape, [UInt8](repeating: 0, count: shape.reduce(1, *)))
    }
    try SafetensorsWriter.write(MemorySource(entries), to: path, replace: true)
    return try ToolProcess(
      "hymba-inspect", arguments: [path, "--layout", "verbatim", "--quiet"] + options)
  }

  private func names(_ run: ToolProcess) throws -> [String] {
    try #require(try run.json["parameters"] as? [[String: Any]]).map { $0["name"] as? String ?? "" }
  }

  private let tensors = [
    ("a.b.x", [2, 3]), ("a.b.y", [4]), ("a.c", [5]), ("b.c", [5]), ("d", []),
  ]

  @Test("a tree has the names' parts as branches, each with its totals")
  func tree() throws {
    #expect(
      try list(tensors, "--tree").output == """
        .  21 parameters  21 B
        ├─ a  15  15 B
        │  ├─ b  10  10 B
        │  │  ├─ x  U8 [2, 3]  6  6 B
        │  │  └─ y  U8 [4]  4  4 B
        │  └─ c  U8 [5]  5  5 B
        ├─ b.c  U8 [5]  5  5 B
        └─ d  U8 []  1  1 B

        """)
  }

  @Test("layers with the same tensors are one branch, with their number, and others have their own")
  func folded() throws {
    let layers = [("0", 3), ("1", 3), ("2", 4), ("3", 3), ("7", 3), ("07", 3)].flatMap { number, size in
      [("h.\(number).a", [size]), ("h.\(number).b.c", [2])]
    }
    let experts = (0..<3).map { ("e.\($0).w", [2, 2]) }
    #expect(
      try list(layers + experts, "--tree").output == """
        .  43 parameters  43 B
        ├─ e.{0..2}.w  U8 [2, 2]  3 × 4 = 12  12 B
        └─ h  31  31 B
           ├─ {0,1,3,7}  4 × 5 = 20  20 B
           │  ├─ a  U8 [3]  3  3 B
           │  └─ b.c  U8 [2]  2  2 B
           ├─ 07  5  5 B
           │  ├─ a  U8 [3]  3  3 B
           │  └─ b.c  U8 [2]  2  2 B
           └─ 2  6  6 B
              ├─ a  U8 [4]  4  4 B
              └─ b.c  U8 [2]  2  2 B

        × joins equal branches, and the lines below are the sizes of one

        """)
  }

  @Test("the tree ends at a level, with the sums of all, and lists equal layers where it is asked to")
  func depth() throws {
    let layers = (0..<2).flatMap { [("h.\($0).a", [3]), ("h.\($0).b", [2])] } + [("k", [1])]
    #expect(
      try list(layers, "--tree", "--depth", "1").output.hasPrefix(
        ".  11 parameters  11 B\n├─ h.{0,1}  2 × 5 = 10  10 B\n└─ k  U8 [1]  1  1 B\n\n"))
    #expect(
      try list(layers, "--tree", "--depth", "2", "--no-fold").output == """
        .  11 parameters  11 B
        ├─ h  10  10 B
        │  ├─ 0  5  5 B
        │  └─ 1  5  5 B
        └─ k  U8 [1]  1  1 B

        """)
    for options in [["--depth", "1"], ["--no-fold"], ["--tree", "--depth", "0"]] {
      #expect(try list(layers, options).status == 64)
    }
  }

  @Test("a tree is at most 32 deep, whatever dots a name has, and the parts beyond stay together")
  func deep() throws {
    // Each part has a second branch, so that no line is made of several parts.
    let name = (0..<40).map { "p\($0)" }.joined(separator: ".")
    let parts = name.split(separator: ".")
    let others = (1..<40).map { (parts.prefix($0).joined(separator: ".") + ".x", [1]) }
    let lines = try list([(name, [3])] + others, "--tree").output.split(separator: "\n")
    let indents = lines.map { line in line.prefix { !$0.isLetter }.count }
    #expect(indents.max() ?? 0 <= 32 * 3)
    let rest = (31..<40).map { "p\($0)" }.joined(separator: ".")
    #expect(lines.contains { $0.hasSuffix("─ \(rest)  U8 [3]  3  3 B") })
  }

  @Test("as many siblings as a large checkpoint has are no work", .timeLimit(.minutes(5)))
  func wide() throws {
    let many = (0..<60_000).map { ("layers.t\($0)", [1]) }
    let run = try list(many, "--tree")
    #expect(run.status == 0)
    #expect(run.output.split(separator: "\n").count == 2 + 60_000)
  }

  @Test("sorted by size the largest come first, equal ones by name; by name in the order of bytes")
  func sort() throws {
    #expect(
      try names(list(tensors, "--sort", "size", "--json")) == ["a.b.x", "a.c", "b.c", "a.b.y", "d"])
    let unsorted = [("b", [1]), ("a.b", [2]), ("Z", [1]), ("a", [3])]
    #expect(try names(list(unsorted, "--sort", "name", "--json")) == ["Z", "a", "a.b", "b"])
    #expect(try list(tensors, "--sort", "age").status == 64)
  }

  @Test("a filter leaves the names that match, and counts them alone")
  func filter() throws {
    let run = try list(tensors, "--filter", "*.c", "--json")
    #expect(try names(run) == ["a.c", "b.c"])
    #expect(try run.json["totalParameters"] as? Int == 10)
    #expect(try names(list(tensors, "--filter", "a.b.?", "--json")) == ["a.b.x", "a.b.y"])
  }

  @Test(
    "a filter that nothing fits is exit code 1 and prints nothing, and says how many a wider one fits",
    arguments: [[], ["--json"], ["--tree"]])
  func noFit(_ form: [String]) throws {
    let none = try list(tensors, ["--filter", ".c"] + form)
    #expect(none.status == 1 && none.output == "")
    #expect(none.errors.hasSuffix("”; “*.c*” fits 2\n") && none.errors.count { $0 == "\n" } == 1)
  }
}
