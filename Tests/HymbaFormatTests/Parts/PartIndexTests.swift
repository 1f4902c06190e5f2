import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Parts: hostile indexes and manifests")
struct PartIndexTests {
  private static let digest = String(repeating: "0", count: 64)

  private static func part(_ file: String, bytes: String = "1", tensors: String = "1", manifest: String = digest) -> String {
    #"{"file":"\#(file)","bytes":\#(bytes),"tensors":\#(tensors),"manifest":"\#(manifest)"}"#
  }

  private static func index(
    _ parts: String, version: String = "1.4", tensors: String = "1", bytes: String = "1", plan: String = digest
  ) -> String {
    #"{"format":"hymba parts","formatVersion":"\#(version)","plan":"\#(plan)","tensors":\#(tensors),"bytes":\#(bytes),"fingerprint":"\#(digest)","parts":[\#(parts)],"future":[1]}"#
  }

  private func refusal(_ text: String) -> String? { message { _ = try PartIndex(json: Array(text.utf8)) } }

  private static let only = part("model-00001-of-00001.hymba")

  @Test("a valid index is read, with keys that are not known")
  func valid() throws {
    #expect(refusal(Self.index(Self.only)) == nil)
    #expect(refusal(Self.index(Self.only, version: "1.9")) == nil)
    #expect(
      refusal(Self.index(Self.only, version: "3.0"))
        == "this is container version 3.0; this program reads versions 1 and 2: use a newer one")
  }

  @Test(
    "a file that is none of the parts is refused, wherever it lies",
    arguments: [
      "/etc/passwd", "../model-00001-of-00001.hymba", "./model-00001-of-00001.hymba", "", ".", "..",
      "model-00001-of-00002.hymba", "model-1-of-1.hymba", "model.hymba", "model-00001-of-00001.hymba ",
    ])
  func names(_ name: String) {
    #expect(
      refusal(Self.index(Self.part(name)))
        == "the index is not valid: it names the file “\(name)” where only “model-00001-of-00001.hymba” can be")
  }

  @Test("a part that is listed twice is refused")
  func twice() {
    let twice = Self.part("model-00001-of-00002.hymba")
    #expect(
      refusal(Self.index(twice + "," + twice))
        == "the index is not valid: it names the file “model-00001-of-00002.hymba” where only “model-00002-of-00002.hymba” can be")
  }

  @Test("too many parts are refused, and none")
  func count() {
    let many = [String](repeating: Self.only, count: 513).joined(separator: ",")
    #expect(refusal(Self.index(many)) == "the index is not valid: it lists more than 512 parts")
    #expect(refusal(Self.index("")) == "the index is not valid: it lists no parts")
  }

  @Test("numbers that cannot be are refused", arguments: ["-1", "1e30", "9223372036854775808", "1.5", "\"1\"", "null"])
  func numbers(_ number: String) {
    for text in [
      Self.index(Self.only, tensors: number), Self.index(Self.only, bytes: number),
      Self.index(Self.part("model-00001-of-00001.hymba", bytes: number)),
      Self.index(Self.part("model-00001-of-00001.hymba", tensors: number)),
    ] { #expect(refusal(text) != nil) }
    #expect(
      refusal(Self.index(Self.only, bytes: "1152921504606846977"))
        == "the index is not valid: it has no valid bytes")
  }

  @Test("what is absent or no digest is named")
  func absent() {
    let invalid = "the index is not valid: "
    #expect(refusal("{}") == invalid + "its format is not “hymba parts”")
    #expect(refusal(#"{"format":"hymba parts"}"#) == invalid + "it has no formatVersion")
    #expect(refusal(Self.index(Self.only, plan: "12")) == invalid + "it has no valid plan")
    #expect(
      refusal(Self.index(Self.part("model-00001-of-00001.hymba", manifest: "x")))
        == invalid + "part 1 lacks a valid file, bytes, tensors or manifest")
    #expect(refusal(Self.index(Self.only, version: "x")) == invalid + "the format version “x” is not MAJOR.MINOR")
    #expect(refusal("[") != nil && refusal("") != nil)
  }

  @Test("an index that is larger than any can be is not read")
  func large() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(String(repeating: " ", count: 2 << 20), to: "model.hymba.index.json")
    #expect(
      message { _ = try PartIndex(reading: path) }?.contains("2097152 bytes") == true)
  }

  // MARK: Manifests

  private func manifest(_ part: String, version: String = "1.4") -> String? {
    message {
      let folder = try TemporaryFolder()
      _ = try ContainerSource(
        folder.write(
          Forgery(
            entries: [], manifest: Forgery.manifest(tensors: "[]", version: version, more: ",\"part\":" + part),
            version: version
          ).bytes, to: "c"))
    }
  }

  private static func member(_ number: String, _ count: String, more: String = "") -> String {
    #"{"number":\#(number),"count":\#(count),"plan":"\#(digest)"\#(more)}"#
  }

  @Test("a manifest of a part that cannot be is refused")
  func hostileManifests() {
    let invalid = "the manifest is not valid: "
    #expect(manifest(Self.member("2", "3")) == nil)
    #expect(
      manifest(Self.member("1", "1000000000"))
        == invalid + "it is of part 1 of 1000000000, and a model has 1 to 512 parts")
    for (number, count) in [("0", "3"), ("4", "3"), ("-1", "3"), ("1", "0")] {
      #expect(
        manifest(Self.member(number, count))
          == invalid + "it is of part \(number) of \(count), and a model has 1 to 512 parts")
    }
    #expect(manifest(#"{"number":2,"count":3,"plan":"12"}"#) == invalid + "its part has no valid plan")
    #expect(manifest(Self.member("1", "3")) == invalid + "it is of the first part and does not describe the model")
    #expect(
      manifest(Self.member("2", "3", more: ",\"model\":{}"))
        == invalid + "it is of part 2 and describes the model, as the first part alone does")
    #expect(
      manifest(Self.member("2", "3"), version: "1.3")
        == invalid + "it is of version 1.3, and parts came with 1.4")
    #expect(manifest("null") != nil && manifest("7") != nil)
  }

  /// Forges a folder of two parts, each of these tensors.
  private func folder(_ first: String, _ second: String, model: String, fingerprint: String? = nil) throws -> String? {
    let folder = try TemporaryFolder()
    var parts: [String] = []
    for (number, tensors) in [first, second].enumerated() {
      let member = Self.member("\(number + 1)", "2", more: number == 0 ? ",\"model\":" + model : "")
      let text = Forgery.manifest(tensors: "[\(tensors)]", version: "1.4", more: ",\"part\":" + member)
      let names = tensors.split(separator: "\"name\":\"").dropFirst(tensors.hasPrefix("{\"name") ? 0 : 1)
        .map { String($0.prefix { $0 != "\"" }) }.filter { $0 != "{" }
      let bytes = Forgery(
        entries: names.map { Forgery.Entry($0, bytes: []) }, manifest: text, version: "1.4").bytes
      let name = PartName(number: number + 1, count: 2).text
      try folder.write(bytes, to: name)
      parts.append(
        Self.part(
          name, bytes: "\(bytes.count)", tensors: "\(names.count)",
          manifest: "\(SHA256Digest(of: Array(text.utf8)))"))
    }
    try folder.write(
      Self.index(parts.joined(separator: ","), tensors: "2", bytes: "0"), to: "model.hymba.index.json")
    return message { _ = try ContainerSource(parts: folder.path) }?
      .split(separator: "/").last.map(String.init)
  }

  @Test("a tensor in two parts, a model that is none, and an index that says other things are refused")
  func hostileFolders() throws {
    let (a, b) = (Forgery.tensor("a"), Forgery.tensor("b"))
    let model = Forgery.manifest(tensors: "[]", version: "1.4")
    #expect(try folder(a, a, model: model) == "model.hymba.index.json: the tensor “a” is listed twice")
    #expect(
      try folder(a, b, model: Forgery.manifest(tensors: "[\(b)]", version: "1.4"))
        == "model-00001-of-00002.hymba: the manifest is not valid: the model that its part describes has tensors of its own")
    #expect(
      try folder(a, b, model: "[]")?.hasPrefix("model-00001-of-00002.hymba: the manifest is not valid: ") == true)
    #expect(
      try folder(a, b, model: model)?.hasPrefix(
        "model.hymba.index.json: the index is not valid: it says the fingerprint \(Self.digest), and its parts have ")
        == true)
    #expect(
      try folder(a, "", model: model)
        == "model.hymba.index.json: the index is not valid: its tensors are 2 and their bytes 0, and those of its parts 1 and 0")
  }
}
