import HymbaFormat
import TestSupport
import Testing

@Suite("--quiet tells the verdict alone")
struct QuietTests {
  private let folder: TemporaryFolder
  private let model = Fixture.sample("model.nx")
  private let tiny = Fixture.folder("jamba-tiny")
  private let recorded = Fixture.path("jamba-tiny", "expected.safetensors")

  init() throws { folder = try TemporaryFolder() }

  @Test("a verification that passes, one of a part, and one that fails")
  func forward() throws {
    let all = try ToolProcess("hymba-verify", tiny, "--expect", recorded, "-q")
    #expect(all.output == "passed\n" && all.errors == "" && all.status == 0)
    let part = try ToolProcess("hymba-verify", tiny, "--checks", "numbers", "--quiet")
    #expect(part.output.hasPrefix("what was run passed; not run: inventory, conventions"))
    let other = Fixture.path("edifice-hymba-tiny", "expected.safetensors")
    // Away from its options, the number of heads is assumed, and wrong.
    try folder.link("bare.nx", to: Fixture.path("edifice-hymba-tiny", "bare.nx"))
    let wrong = try ToolProcess("hymba-verify", folder.file("bare.nx"), "--expect", other, "-q")
    #expect(wrong.output.hasPrefix("failed: ") && wrong.output.hasSuffix("reference\n") && wrong.status == 1)
  }

  @Test("a conversion, an export, and a container that is whole")
  func files() throws {
    let (container, back) = (folder.file("m.hymba"), folder.file("m.nx"))
    let converted = try ToolProcess("hymba-convert", model, "-o", container, "-q", "-j", "1")
    #expect(converted.output == "\(model) -> \(container)\n" && converted.errors == "")
    let exported = try ToolProcess("hymba-convert", "export", container, "-o", back, "-q")
    #expect(exported.output == "\(container) -> \(back)\n")
    let checked = try ToolProcess("hymba-verify", "container", container, "-q")
    #expect(
      checked.output
        == "\(container): header, manifest and 94 tensors are as they were written\n")
  }

  @Test("a difference and an audit")
  func findings() throws {
    let same = try ToolProcess("hymba-inspect", "diff", tiny, tiny, "-q")
    #expect(same.output == "tensors: 163 same\n" && same.status == 0)
    let audit = try ToolProcess("hymba-inspect", "audit", tiny, "-q")
    #expect(audit.output == "0 errors, 0 warnings, 1 note\n")
  }
}
