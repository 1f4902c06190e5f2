import HymbaFormat
import TestSupport
import Testing

@Suite("Folders whose files appear together")
struct OutputFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("no file has its name before all are complete")
  func together() throws {
    let output = try OutputFolder(folder.file("out"), replace: false)
    try output.add("a", contents: [1])
    try output.add("b", contents: [2, 3])
    let before = try FileSystem.entries(of: folder.file("out"))
    #expect(before.count == 2 && before.allSatisfy { $0.hasPrefix(".") && $0.hasSuffix(".part") })
    try output.commit()
    #expect(try FileSystem.entries(of: folder.file("out")) == ["a", "b"])
    #expect(try folder.read("out/b") == [2, 3])
  }

  @Test("without a commit nothing stays, and of a folder that was there only what was in it")
  func abandoned() throws {
    for name in ["new", "old"] {
      if name == "old" {
        try folder.makeFolder(name)
        try folder.write("kept", to: "old/x")
      }
      do {
        let output = try OutputFolder(folder.file(name), replace: false)
        try output.add("a", contents: [1])
        #expect(throws: FileDiagnosis.self) {
          try output.add("b") { _ in throw FormatError.notFound }
        }
      }
    }
    #expect(try folder.entries == ["old"])
    #expect(try FileSystem.entries(of: folder.file("old")) == ["x"])
  }

  @Test("a file in the folder's place is an error, and stays")
  func fileInPlace() throws {
    let path = try folder.write("kept", to: "f")
    #expect(throws: FormatError.cannotWrite("it is not a folder")) {
      try OutputFolder(path, replace: true)
    }
    #expect(try folder.read("f") == Array("kept".utf8))
  }

  @Test("an existing file is an error with its name, and goes only with the commit")
  func existing() throws {
    try folder.write("precious", to: "a")
    try folder.write("stale", to: "s")
    let refusing = try OutputFolder(folder.path, replace: false)
    #expect { try refusing.add("a", contents: [1]) } throws: {
      "\($0)" == "\(folder.file("a")): exists already; pass --force to replace it"
    }
    let replacing = try OutputFolder(folder.path, replace: true)
    try replacing.add("a", contents: [1])
    #expect(try folder.read("a") == Array("precious".utf8))
    try replacing.commit(removing: ["a", "s", "never there"])
    #expect(try folder.entries == ["a"])
    #expect(try folder.read("a") == [1])
  }
}
