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

  @Test("a tree has the names' parts as branches, each with its total")
  func tree() throws {
    #expect(
      try list(tensors, "--tree").output == """
        .  21 parameters
        ├─ a  15
        │  ├─ b  10
        │  │  ├─ x  [2, 3]  6
        │  │  └─ y  [4]  4
        │  └─ c  [5]  5
        ├─ b  5
        │  └─ c  [5]  5
        └─ d  []  1

        """)
  }

  @Test("a tree is at most 32 deep, whatever dots a name has, and the parts beyond stay together")
  func deep() throws {
    let name = (0..<40).map { "p\($0)" }.joined(separator: ".")
    let lines = try list([(name, [3])], "--tree").output.split(separator: "\n")
    #expect(lines.count == 1 + 32)
    let rest = (31..<40).map { "p\($0)" }.joined(separator: ".")
    #expect(lines.last == Substring(String(repeating: " ", count: 31 * 3) + "└─ \(rest)  [3]  3"))
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
