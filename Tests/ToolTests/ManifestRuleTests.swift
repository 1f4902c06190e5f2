import Foundation
import HymbaFormat
import TestSupport
import Testing

/// A value of a container's manifest in the place of the right one.
struct ManifestLie: Sendable, CustomTestStringConvertible {
  let path: String
  let json: String
  let status: Int32
  let message: String

  init(_ path: String, _ json: String, _ message: String, status: Int32 = 65) {
    self.path = path
    self.json = json
    self.status = status
    self.message = message
  }

  var testDescription: String { "\(path) is \(json)" }
}

@Suite("One set of rules for a manifest")
struct ManifestRuleTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A container of a model, without compression, whose manifest is changed and has its right digest.
  private func container(_ lie: ManifestLie) throws -> String {
    let path = folder.file("c.hymba")
    let made = try ToolProcess(
      "hymba-convert", Fixture.path("edifice-hymba-tiny", "model.nx"), "--compression", "none",
      "-o", path)
    try #require(made.status == 0)
    let bytes = try folder.read("c.hymba")
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    var header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
    let entries = try #require(
      try JSONSerialization.jsonObject(with: Data(header.utf8)) as? [String: [String: Any]])
    let range = try #require(entries["hymba.manifest"]?["data_offsets"] as? [Int])
    let old = Array(bytes[(8 + length + range[0])...])
    let tree = try JSONSerialization.jsonObject(with: Data(old))
    let value = try JSONSerialization.jsonObject(with: Data(lie.json.utf8), options: .fragmentsAllowed)
    let new = Array(
      try JSONSerialization.data(
        withJSONObject: replacing(tree, lie.path.split(separator: ".")[...], by: value)))
    let entry = { (size: Int) in
      "[\(size)],\"data_offsets\":[\(range[0]),\(range[0] + size)]"
    }
    header = header.replacing("\(SHA256Digest(of: old))", with: "\(SHA256Digest(of: new))")
      .replacing(entry(old.count), with: entry(new.count))
    let text = Array(header.utf8)
    let padded = (text + [UInt8](repeating: 0x20, count: length))[..<length]
    try #require(text.dropFirst(length).allSatisfy { $0 == 0x20 })
    return try folder.write(
      Array(bytes[..<8]) + padded + bytes[(8 + length)..<(8 + length + range[0])] + new,
      to: "c.hymba")
  }

  private func replacing(_ tree: Any, _ path: ArraySlice<Substring>, by value: Any) -> Any {
    guard let key = path.first else { return value }
    if let position = Int(key), var list = tree as? [Any] {
      list[position] = replacing(list[position], path.dropFirst(), by: value)
      return list
    }
    var object = tree as? [String: Any] ?? [:]
    object[String(key)] = replacing(object[String(key)] ?? NSNull(), path.dropFirst(), by: value)
    return object
  }

  private static let invalid = "the manifest is not valid: "

  /// Every key with a value that it cannot have. The message is the whole, or what it begins with.
  static let lies: [ManifestLie] = [
    ManifestLie("formatVersion", "1", invalid + "expected a string"),
    ManifestLie("formatVersion", "\"1\"", invalid + "the format version “1” is not MAJOR.MINOR"),
    ManifestLie(
      "formatVersion", "\"1.9\"", "the header is damaged: it is of version 1.0, the manifest of 1.9"),
    ManifestLie("creator", "null", invalid + "expected a string"),
    ManifestLie("headerLength", "\"8\"", invalid + "an invalid number at byte "),
    ManifestLie("headerLength", "-56", "the header is damaged: it has "),
    ManifestLie("headerLength", "1e30", invalid + "expected a whole number of at most 63 bits at byte "),
    ManifestLie("architecture", "0", invalid + "its architecture is neither an object nor null"),
    ManifestLie("architecture", "[]", invalid + "its architecture is neither an object nor null"),
    ManifestLie("architecture", "\"\"", invalid + "its architecture is neither an object nor null"),
    ManifestLie("architecture", "{}", "the configuration cannot be used: "),
    ManifestLie("architecture.hiddenSize", "-1", "hiddenSize is -1; expected "),
    ManifestLie("architecture.more", "0", "the configuration cannot be used: an architecture has no “more”"),
    ManifestLie("layout", "[]", invalid + "expected an object"),
    ManifestLie("layout.name", "0", invalid + "expected a string"),
    ManifestLie("layout.variant", "0", invalid + "expected a string"),
    ManifestLie("layout.variant", "\"\"", invalid + "the variant of its layout is empty"),
    ManifestLie("source", "null", invalid + "expected an object"),
    ManifestLie("source.configuration", "\"\"", invalid + "expected an object"),
    ManifestLie("source.configuration", "{\"origin\":\"\"}", invalid + "an object lacks “text”"),
    ManifestLie("source.metadata", "[]", invalid + "expected an object"),
    ManifestLie("source.metadata", "{\"a\":0}", invalid + "expected a string"),
    ManifestLie(
      "source.metadata", "{\"a\":\"\"}",
      "the header is damaged: its members “source.…” are not the source's metadata that the manifest has"),
    ManifestLie("source.files", "{}", invalid + "expected an array"),
    ManifestLie("source.files", "[{}]", invalid + "a file of its source has no valid name"),
    ManifestLie("source.files.0.bytes", "-1", invalid + "a file of its source has no valid bytes"),
    ManifestLie("source.files.0.bytes", "1.5", invalid + "expected a whole number of at most 63 bits at byte "),
    ManifestLie("assumptions", "\"\"", invalid + "expected an array"),
    ManifestLie("assumptions", "[0]", invalid + "expected a string"),
    ManifestLie("tensors", "{}", invalid + "expected an array"),
    ManifestLie("tensors", "[]", "the header is damaged: it has entries that the manifest does not name"),
    ManifestLie("tensors.0.name", "\"\"", invalid + "the tensor “” has no valid entry"),
    ManifestLie("tensors.0.dtype", "\"F33\"", invalid + "the tensor “"),
    ManifestLie("tensors.0.shape", "[-1]", "the shape [-1] "),
    ManifestLie("tensors.0.shape", "\"\"", invalid + "expected an array"),
    ManifestLie("tensors.0.encoding", "\"lz4\"", invalid + "the tensor “"),
    ManifestLie("tensors.0.chunkElements", "1", invalid + "the tensor “"),
    ManifestLie("tensors.0.sha256", "\"0\"", invalid + "the tensor “"),
    ManifestLie("tensors.0.xxh3", "null", invalid + "expected a string"),
    ManifestLie("tensors.0.entry", "\"x\"", invalid + "the tensor “"),
    ManifestLie("aliases", "null", invalid + "expected an array"),
    ManifestLie("aliases", "[{\"name\":\"u\",\"of\":\"v\"}]", invalid + "“u” is an alias of “v”, which is not stored"),
    ManifestLie("carried", "[\"ghost\"]", invalid + "it carries “ghost”, which it does not have"),
    ManifestLie("probes", "0", invalid + "expected an array"),
  ]

  @Test("every tool refuses a manifest for the same reason", arguments: lies)
  func verdict(_ lie: ManifestLie) throws {
    let path = try container(lie)
    for command in [
      ["hymba-verify", "container", path], ["hymba-verify", "forward", path],
      ["hymba-inspect", "container", path], ["hymba-inspect", "parameters", path],
      ["hymba-convert", "checkpoints", path, "-o", folder.file("out.hymba")],
    ] {
      let run = try ToolProcess(command[0], arguments: Array(command.dropFirst()))
      #expect(run.status == lie.status && run.output == "", "\(command): \(run.output)")
      #expect(
        run.errors.hasPrefix("error: \(path): \(lie.message)"), "\(command): \(run.errors)")
    }
    let json = try ToolProcess("hymba-verify", "container", path, "--json")
    #expect(json.status == lie.status)
    let damage = try #require(try json.json["damage"] as? [[String: Any]])
    #expect(
      damage.map { $0["part"] as? String }
        == [lie.message.hasPrefix("the header") ? "header" : "manifest"])
  }

  @Test("an architecture whose parameters are not the tensors is wrong for every tool")
  func otherModel() throws {
    let path = try container(
      ManifestLie("architecture.layers.0.mixer.parallel.mamba.skip", "true", "", status: 1))
    var verdicts: Set<String> = []
    for command in [
      ["hymba-verify", "container", path], ["hymba-inspect", "container", path],
      ["hymba-inspect", "parameters", path],
      ["hymba-convert", "checkpoints", path, "-o", folder.file("out.hymba")],
    ] {
      let run = try ToolProcess(command[0], arguments: Array(command.dropFirst()))
      #expect(run.status == 1 && run.output == "")
      verdicts.insert(run.errors)
    }
    #expect(verdicts.count == 1, "\(verdicts)")
    #expect(verdicts.allSatisfy { $0.contains("layers.0.mamba.D") }, "\(verdicts)")
    // Of this one there is a report.
    let forward = try ToolProcess("hymba-verify", "forward", path, "--json")
    let checks = try #require(try forward.json["checks"] as? [[String: Any]])
    #expect(forward.status == 1 && checks.map { $0["name"] as? String } == ["inventory"])
  }

  @Test("what is no container is named with the way out")
  func notContainers() throws {
    let folder = Fixture.folder("hymba-nvidia-tiny")
    let weights = Fixture.path("hymba-nvidia-tiny", "model.safetensors")
    for command in ["hymba-verify", "hymba-inspect"] {
      let inFolder = try ToolProcess(command, "container", folder)
      #expect(inFolder.status == 65)
      #expect(
        inFolder.errors
          == "error: \(folder): this is a folder, and a container is one file; hymba-verify forward checks a checkpoint that is a folder\n"
      )
      let other = try ToolProcess(command, "container", weights)
      #expect(other.status == 65)
      #expect(
        other.errors
          == "error: \(weights): this is a checkpoint and no container; hymba-convert makes one of it, and hymba-verify forward checks it as it is\n"
      )
    }
    try self.folder.write("", to: "b.hymba")
    try self.folder.write("", to: "a.hymba")
    #expect(
      try ToolProcess("hymba-verify", "container", self.folder.path).errors
        == "error: \(self.folder.path): this is a folder, and a container is one file; name “a.hymba” in it, or one of 1 more\n"
    )
  }
}
