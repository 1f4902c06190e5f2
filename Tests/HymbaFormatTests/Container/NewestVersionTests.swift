import HymbaFormat
import TestSupport
import Testing

@Suite("The newest version of the container")
struct NewestVersionTests {
  @Test("it is the one that the specification describes")
  func specification() throws {
    let text = String(
      decoding: try InputFile.contents(of: Fixture.root + "/Schemas/container-1.md", limit: 1 << 20), as: UTF8.self)
    #expect(text.contains("This text is version \(Manifest.newestVersion)."))
  }
}
