import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("The layout of a checkpoint")
struct LayoutChoiceTests {
  private func layout(
    _ name: String, _ configuration: String = "architecture", _ more: String = ""
  ) throws -> Layout {
    try Layout(
      json: Array(
        #"{"name":"\#(name)","title":"t","configuration":"\#(configuration)","signature":["a"],\#(more)"rules":[]}"#
          .utf8))
  }

  private func tensors(_ names: [String]) throws -> TensorTable {
    try MemorySource(names.map { .init($0, .uint8, [0], []) }).tensors
  }

  @Test("of several that the names fit, that of the configuration's family is taken, otherwise the first")
  func family() throws {
    let layouts = try [layout("x", "jamba"), layout("y", "zamba"), layout("z", "zamba")]
    func name(_ family: (any Family)?) throws -> String {
      try LayoutDetection.detect(tensors(["a"]), among: layouts, of: family).layout.name
    }
    #expect(try name(nil) == "x")
    #expect(try name(JambaFamily()) == "x")
    #expect(try name(ZambaFamily()) == "y")
    #expect(try name(EdificeFamily()) == "x")
  }

  @Test(
    "a name that must not be there rules a layout out, and of a list all names together",
    arguments: [
      (["a"], true), (["a", "b"], true), (["a", "c.3"], true), (["a", "b", "c.3"], false),
      (["a", "b", "d"], false),
    ])
  func unlike(_ names: [String], _ fits: Bool) throws {
    let layout = try layout("x", "architecture", #""unlike":[["b","c.{layer}"],"d"],"#)
    #expect(try (LayoutDetection.match(tensors(names), layout) != nil) == fits)
  }
}
