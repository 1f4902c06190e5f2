import HymbaFormat
import TestSupport
import Testing

@Suite("Container: versions")
struct ContainerVersionTests {
  private func open(_ forgery: Forgery) throws -> ContainerSource {
    let folder = try TemporaryFolder()
    return try ContainerSource(folder.write(forgery.bytes, to: "c"))
  }

  @Test(
    "another major version is refused in one sentence, in the header or in the manifest",
    arguments: ["3.0", "3.7", "10.0", "9223372036854775807.0"])
  func newerMajor(_ version: String) {
    let text = "this is container version \(version); this program reads versions 1 and 2: use a newer one"
    #expect(
      message { _ = try open(Forgery(entries: [], manifest: "not even JSON", version: version)) }
        == text)
    #expect(
      message {
        _ = try open(
          Forgery(entries: [], manifest: Forgery.manifest(tensors: "[]", version: version)))
      } == text)
  }

  @Test(
    "a version that is none is refused",
    arguments: [
      "", "1", "1.", ".1", "1.0.0", "0.9", "+1.0", "-1.0", "1.-5", "1.+5", " 1.0", "1.x",
      "one.zero", "1,0", "１.0",
    ])
  func noVersion(_ version: String) {
    let text = "the manifest is not valid: the format version “\(version)” is not MAJOR.MINOR"
    #expect(message { _ = try open(Forgery(entries: [], manifest: "", version: version)) } == text)
    #expect(
      message {
        _ = try open(
          Forgery(entries: [], manifest: Forgery.manifest(tensors: "[]", version: version)))
      } == text)
  }

  @Test("a newer minor version with keys that nobody knows yet is read, and verified")
  func newerMinor() throws {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let manifest = """
      {"formatVersion":"1.7","future":{"a":[1,2.5,null,true]},"creator":"a later program","headerLength":1016,
       "architecture":null,"layout":{"name":"verbatim","variant":null,"future":[]},
       "source":{"configuration":{"origin":"o","text":"t","future":1},"metadata":{},"files":[{"name":"f","bytes":3,"future":"x"}],"future":1},
       "assumptions":[],"tensors":[\(Forgery.tensor("t", shape: "[3]", sha256: abc, xxh3: try xxh3OfABC(), more: ",\"future\":{}"))],
       "aliases":[{"name":"u","of":"t","future":0}],"carried":[],"probes":[{"future":1}]}
      """
    let source = try open(
      Forgery(entries: [.init("t", bytes: Array("abc".utf8))], manifest: manifest, version: "1.7"))
    #expect(source.tensors.map(\.name) == ["t", "u"])
    #expect(try source.bytes(of: source.tensors[1]) == Array("abc".utf8))
    #expect(source.manifest.formatVersion == "1.7")
    #expect(source.embeddedConfiguration == ConfigurationDocument(origin: "o", text: "t"))
    #expect(try source.findDamage(jobs: 1) == [])
  }

  @Test("a header of another minor version than its manifest is refused")
  func disagreement() throws {
    #expect(
      message {
        _ = try open(
          Forgery(entries: [], manifest: Forgery.manifest(tensors: "[]"), version: "1.1"))
      } == "the header is damaged: it is of version 1.1, the manifest of 1.0")
  }

  @Test("the keys of the source, the assumptions, aliases and carried tensors may be absent")
  func absentKeys() throws {
    let manifest =
      #"{"formatVersion":"1.0","creator":"","headerLength":1016,"layout":{"name":"verbatim"},"tensors":[]}"#
    let source = try open(Forgery(entries: [], manifest: manifest))
    #expect(source.manifest.description == .verbatim())
    #expect(try source.findDamage(jobs: 1) == [])
  }

  /// As the writer computes it for a raw tensor.
  private func xxh3OfABC() throws -> String {
    let folder = try TemporaryFolder()
    let path = try folder.container("c", .none, [.init("t", .uint8, [3], Array("abc".utf8))])
    return "\(try ContainerSource(path).manifest.tensors[0].xxh3)"
  }
}
