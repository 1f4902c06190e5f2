import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Names of outputs")
struct OutputNameTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch let error as ConversionError {
      return error.kind == .usage ? "\(error)" : "not a usage error: \(error)"
    } catch {
      return "another error: \(error)"
    }
  }

  @Test(
    "an ending means the same in whatever letters",
    arguments: [
      ("a.safetensors", OutputName.Ending.safetensors), ("a.SafeTensors", .safetensors),
      ("a.NX", .edifice), ("a.Hymba", .container), ("a.HYMBA", .container), ("a.b.hymba", .container),
      ("a", nil), ("run.v1", nil), ("model.x", nil), ("hymba-1.5b", nil), ("safetensors", nil),
      ("a/", nil),
    ])
  func endings(_ name: String, _ ending: OutputName.Ending?) throws {
    #expect(OutputName.ending(of: name) == ending)
    try OutputName.requireExport(name)
    if ending == .container || ending == nil { try OutputName.requireContainer(name) }
  }

  @Test(
    "an ending that is nearly a known one is a slip, unless a slash says that it is a folder's",
    arguments: [
      ("a.safetensor", "a.safetensors"), ("a.SafeTensor", "a.safetensors"),
      ("a.safetensros", "a.safetensors"), ("a.safetensors2", "a.safetensors"),
      ("a.safe", "a.safetensors"), ("a.hymbaa", "a.hymba"), ("a.hymb", "a.hymba"),
      ("a.HMYBA", "a.hymba"), ("a.nxx", "a.nx"),
    ])
  func slips(_ name: String, _ meant: String) throws {
    let ending = meant.dropFirst()
    #expect(
      message { try OutputName.requireExport("x/" + name) }
        == "“\(name)” has nearly the ending \(ending); name it “\(meant)”, or “\(name)/” if it is to be a folder"
    )
    #expect(
      message { try OutputName.requireContainer("x/" + name) }
        == (ending == ".hymba"
          ? "“\(name)” has nearly the ending .hymba; name it “a.hymba”, or “\(name)/” if it is to be a folder"
          : "“\(name)” is the name of a \(ending) file, and this writes a container; name it “a.hymba”"
        ))
    try OutputName.requireExport(name + "/")
    try OutputName.requireContainer(name + "/")
  }

  @Test(
    "a file's ending and a slash contradict each other, unless such a folder is there",
    arguments: ["a.safetensors", "a.NX", "a.hymba"])
  func slash(_ name: String) throws {
    let folder = try TemporaryFolder()
    let output = folder.file(name) + "/"
    let expected =
      "“\(output)” ends with a slash, as a folder does, and with .\(name.lowercased().dropFirst(2)), as a file does; leave out the one or the other"
    #expect(message { try OutputName.requireExport(output) } == expected)
    #expect(message { try OutputName.requireContainer(output) } == expected)
    try folder.makeFolder(name)
    try OutputName.requireExport(output)
    #expect(OutputName.isFolder(folder.file(name)))
  }
}
