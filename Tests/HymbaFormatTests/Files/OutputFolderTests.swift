import TestSupport
import Testing

@testable import HymbaFormat

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
    for name in [path, path + "/"] {
      #expect(
        throws: FormatError.cannotWrite(
          "a file has this name; name another folder, or remove the file first")
      ) { try OutputFolder(name, replace: true) }
    }
    #expect(try folder.read("f") == Array("kept".utf8))
  }

  @Test("an existing file is an error with its name, and goes only with the commit")
  func existing() throws {
    try folder.write("precious", to: "a")
    try folder.write("stale", to: "s")
    do {
      let refusing = try OutputFolder(folder.path, replace: false)
      #expect { try refusing.add("a", contents: [1]) } throws: {
        "\($0)" == "\(folder.file("a")): exists already"
      }
    }
    let replacing = try OutputFolder(folder.path, replace: true)
    try replacing.add("a", contents: [1])
    #expect(try folder.read("a") == Array("precious".utf8))
    try replacing.commit(removing: ["a", "s", "never there"])
    #expect(try folder.entries == ["a"])
    #expect(try folder.read("a") == [1])
  }

  @Test("when a file by which readers find the others cannot be removed, what was new goes again")
  func unremovable() throws {
    try folder.makeFolder("entry")
    try folder.write("old", to: "config.json")
    func commit() throws {
      let output = try OutputFolder(folder.path, replace: true)
      for name in ["shard-1", "shard-2", "config.json"] { try output.add(name, contents: [1]) }
      try output.commit(removing: ["entry"], entries: ["entry"], last: "config.json")
    }
    #expect(throws: FileDiagnosis.self) { try commit() }
    #expect(try folder.entries == ["config.json", "entry"])
    #expect(try folder.read("config.json") == Array("old".utf8))
  }

  @Test("one process at a time writes into a folder")
  func lock() throws {
    var first: OutputFolder? = try OutputFolder(folder.path, replace: true)
    try first?.add("a", contents: [1])
    #expect { try OutputFolder(folder.path, replace: true) } throws: {
      "\($0)" == "another program is writing into this folder; wait until it has ended"
        && ($0 as? FormatError)?.kind == .inputOutput
    }
    try first?.commit()
    first = nil
    _ = try OutputFolder(folder.path, replace: true)
    #expect(try folder.entries == ["a"])
  }

  @Test("temporary files of killed processes go, whatever they were to become")
  func leftovers() throws {
    for name in [".a.71.1abc.part", ".model.safetensors.9.zz.part", ".mine.part", "b.71.1abc.part"] {
      try folder.write([1], to: name)
    }
    _ = try OutputFolder(folder.path, replace: false)
    #expect(try folder.entries == [".mine.part", "b.71.1abc.part"])
    #expect(
      Leftovers.takeRemoved(for: folder.path)
        == [".a.71.1abc.part", ".model.safetensors.9.zz.part"])
  }

  @Test("a small file that is there with the same contents is not written again, and does not go as stale")
  func unchanged() throws {
    let path = try folder.write("same", to: "a")
    let before = FileIdentity(path)
    let output = try OutputFolder(folder.path, replace: true)
    try output.addUnlessSame("a", contents: Array("same".utf8))
    try output.commit(removing: ["a"], last: "a")
    #expect(FileIdentity(path) == before)
    #expect(try folder.entries == ["a"])
  }

  @Test("a link in the folder is replaced, and what it leads to stays")
  func link() throws {
    try folder.makeFolder("out")
    try folder.write("blob", to: "blob")
    try folder.link("out/a", to: folder.file("blob"))
    try folder.link("out/b", to: folder.file("missing"))
    let output = try OutputFolder(folder.file("out"), replace: true)
    for name in ["a", "b"] { try output.add(name, contents: [1]) }
    try output.commit()
    #expect(try folder.read("out/a") == [1] && folder.read("out/b") == [1])
    #expect(try folder.read("blob") == Array("blob".utf8))
  }

  /// Old files, and new ones of which `blocked` cannot get its name; given in this order.
  private func commitUntilBlocked(_ names: [String], last: String?, keeping: [String]) throws {
    for name in ["first", "second", "index", "last"] { try folder.write("old " + name, to: name) }
    let output = try OutputFolder(folder.path, replace: true)
    for name in names { try output.add(name, contents: Array("new \(name)".utf8)) }
    if !keeping.isEmpty {
      try output.keep(keeping, listedIn: "index", contents: Array("old, second names".utf8))
    }
    try folder.makeFolder("blocked")
    #expect {
      try output.commit(removing: ["first", "second", "index"], last: last)
    } throws: {
      "\($0)" == "\(folder.file("blocked")): cannot be written: Is a directory"
    }
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try folder.read(name), as: UTF8.self)
  }

  @Test("whatever stops it, the old files are there under names that their index lists")
  func bridge() throws {
    try commitUntilBlocked(
      ["first", "blocked", "second", "index"], last: nil, keeping: ["first", "second"])
    #expect(try text("index") == "old, second names")
    #expect(try text("hymba-previous-first") == "old first")
    #expect(try text("hymba-previous-second") == "old second")
    #expect(try text("first") == "new first" && text("second") == "old second")

    try FileSystem.removeFile(folder.file("last"))
    let next = try OutputFolder(folder.path, replace: true)
    for name in ["first", "second", "index"] { try next.add(name, contents: Array(name.utf8)) }
    try next.commit()
    #expect(try folder.entries == ["blocked", "first", "index", "second"])
    #expect(
      Leftovers.takeRemoved(for: folder.path) == ["hymba-previous-first", "hymba-previous-second"])
  }

  @Test("the last file is away while others change, and comes back when they fail")
  func last() throws {
    try commitUntilBlocked(["blocked", "last"], last: "last", keeping: [])
    #expect(try text("last") == "old last")
    #expect(try folder.entries == ["blocked", "first", "index", "last", "second"])
  }

  @Test(
    "a stale file that leads to others goes before the last file has its name, and they after",
    arguments: [("index", "old"), ("shard", "new")])
  func entries(_ blocked: String, _ configuration: String) throws {
    for name in ["index", "shard"] where name != blocked { try folder.write("old", to: name) }
    try folder.makeFolder(blocked)
    try folder.write("old", to: "config")
    let output = try OutputFolder(folder.path, replace: true)
    for name in ["single", "config"] { try output.add(name, contents: Array("new".utf8)) }
    // What cannot be removed stops the commit there.
    #expect {
      try output.commit(removing: ["index", "shard"], entries: ["index"], last: "config")
    } throws: {
      "\($0)" == "\(folder.file(blocked)): cannot be written: Is a directory"
    }
    #expect(try text("config") == configuration)
    // What was new goes again where the old way in stays.
    #expect(FileSystem.exists(folder.file("single")) == (blocked != "index"))
    #expect(FileSystem.exists(folder.file("index")) == (blocked == "index"))
    #expect(FileSystem.exists(folder.file("shard")))
  }
}
