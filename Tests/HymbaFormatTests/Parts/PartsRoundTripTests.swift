import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Parts: writing and reading")
struct PartsRoundTripTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(
    "a model in parts is the model in one file: tensors, attachments, description and fingerprint",
    arguments: ContainerWriter.Compression.allCases)
  func same(_ compression: ContainerWriter.Compression) throws {
    let model = try PartedModel(compression: compression)
    let parted = try model.write(into: folder)
    let other = try TemporaryFolder()
    let whole = try model.writeWhole(other.file("c.hymba"))
    #expect(parted.partCount == 3 && parted.fingerprint == whole.fingerprint)
    #expect(parted.manifest.description == whole.manifest.description)
    #expect(parted.manifest.creator == "a test" && parted.metadata == whole.metadata)
    #expect(Set(parted.tensors.map(\.name)) == Set(whole.tensors.map(\.name)))
    for tensor in parted.tensors {
      #expect(try parted.bytes(of: tensor) == model.source.bytes(of: tensor))
      guard tensor.byteCount > 8 else { continue }
      let some = try [UInt8](count: 5) { try parted.read(tensor, from: 3, into: &$0) }
      #expect(try some == Array(model.source.bytes(of: tensor)[3..<8]))
    }
    #expect(try parted.attached.bytes(of: .file("tokenizer.json")) == whole.attached.bytes(of: .file("tokenizer.json")))
    #expect(try parted.findDamage(jobs: 2) == [])
    let copied = try parted.copied.tensors.map { try parted.copied.bytes(of: $0) }
    #expect(try copied == parted.tensors.map { try parted.bytes(of: $0) })
    // Made into one file again, it is that file byte for byte.
    try model.writer.write(
      parted, parted.manifest.description, with: kept(of: parted), to: other.file("again.hymba"))
    #expect(try other.read("again.hymba") == other.read("c.hymba"))
  }

  private func kept(of container: ContainerSource) throws -> Attachments {
    var attachments = Attachments()
    try attachments.add(container.attached)
    return attachments
  }

  @Test("each part is a container and a safetensors file by itself, of no model that is known")
  func alone() throws {
    let model = try PartedModel(compression: .none)
    try model.write(into: folder)
    for number in 1...3 {
      let part = try ContainerSource(folder.part(number))
      #expect(part.manifest.formatVersion == "1.4")
      #expect(part.manifest.description == .ofPart)
      #expect(part.manifest.part?.number == number && part.manifest.part?.count == 3)
      #expect((part.manifest.part?.model != nil) == (number == 1))
      #expect(part.attached.fileNames == (number == 1 ? ["tokenizer.json"] : []))
      #expect(try part.findDamage(jobs: 1) == [])
      let plain = try SafetensorsSource(folder.part(number))
      for tensor in model.plan.shares[number - 1] {
        #expect(try plain.bytes(of: tensor) == model.source.bytes(of: tensor))
      }
    }
  }

  @Test("the bytes do not depend on the order, on how many threads there are, or on what was there before")
  func deterministic() throws {
    let model = try PartedModel()
    try model.write(into: folder)
    let names = try folder.entries
    #expect(names == ["model-00001-of-00003.hymba", "model-00002-of-00003.hymba", "model-00003-of-00003.hymba", "model.hymba.index.json"])
    let other = try TemporaryFolder()
    for number in [3, 1, 2] { try PartedModel(jobs: number).write(number, into: other) }
    try PartedModel(jobs: 1).writer(into: other).finish()
    try PartedModel(replace: true).write(2, into: other)
    for name in names { #expect(try other.read(name) == folder.read(name), "\(name)") }
  }

  @Test("what is there and right is kept, and an unfinished file of a killed process is no part")
  func resume() throws {
    let model = try PartedModel()
    #expect(try model.write(2, into: folder) == .written)
    try folder.write("half a part", to: ".model-00001-of-00003.hymba.1.a.part")
    let writer = model.writer(into: folder)
    try writer.requirePlace(for: 1...3)
    #expect(message { try writer.finish() } == "\(folder.path): 2 of 3 parts are not there: 1, 3")
    #expect(try model.write(2, into: folder) == .kept)
    #expect(try model.write(1, into: folder) == .written)
    #expect(try model.write(3, into: folder) == .written)
    try writer.finish()
    let index = try folder.read("model.hymba.index.json")
    try writer.finish()
    #expect(try folder.read("model.hymba.index.json") == index)
    #expect(try folder.entries.count == 4)
  }

  @Test("two processes that write the same part do not harm it, and the second keeps what the first wrote")
  func race() throws {
    let model = try PartedModel()
    let folder = folder
    let outcome = try model.writer(into: folder).write(
      2, of: model.source, with: model.attachments, jobs: 1,
      conclude: {
        try model.write(2, into: folder)
        return []
      })
    #expect(outcome == .kept)
    #expect(try folder.entries == ["model-00002-of-00003.hymba"])
    #expect(try ContainerSource(folder.part(2)).findDamage(jobs: 1) == [])
  }

  @Test("what a part says of its tensors alone is told with its number where parts differ, and once where not")
  func sentences() throws {
    let model = try PartedModel()
    func whole(_ sentence: (Int) -> String) throws -> [String] {
      let folder = try TemporaryFolder()
      for number in 1...3 {
        _ = try model.writer(into: folder).write(
          number, of: model.source, with: model.attachments, jobs: 1, conclude: { [sentence(number)] })
      }
      return try model.writer(into: folder).finish().manifest.description.assumptions
    }
    #expect(try whole { _ in "cast" } == ["cast"])
    #expect(try whole { "cast \($0)" } == ["part 1: cast 1", "part 2: cast 2", "part 3: cast 3"])
  }

  @Test("an older reader takes a part for tensors under their own names: nothing in it needs the new member")
  func older() throws {
    try PartedModel().write(into: folder)
    let manifest = try ContainerSource(folder.part(1)).manifest
    var old = manifest
    old.part = nil
    #expect(old.description.architecture == nil && old.description.layout == .verbatim)
    #expect(try old.logicalTensors().count == manifest.tensors.count + manifest.aliases.count)
  }

  @Test("a flipped bit anywhere in a part or in the index is noticed")
  func everyByte() throws {
    try PartedModel(.count(2), Array(PartedModel.entries.suffix(2))).write(into: folder)
    var random = Random(3)
    for name in try folder.entries {
      let intact = try folder.read(name)
      for position in stride(from: 0, to: intact.count, by: name.hasSuffix(".json") ? 1 : 7) {
        try overwrite(folder.file(name), at: position, with: [intact[position] ^ (1 << UInt8(random.next(below: 8)))])
        defer { try? overwrite(folder.file(name), at: position, with: [intact[position]]) }
        var damage: [ContainerDamage] = []
        let refusal = message { damage = try ContainerSource(parts: folder.path).findDamage(jobs: 1) }
        // The newline at the end may be another space.
        let isHarmless = name.hasSuffix(".json") && position == intact.count - 1
        #expect(refusal != nil || !damage.isEmpty || isHarmless, "\(name): byte \(position)")
        #expect(damage.allSatisfy { $0.file == name })
      }
    }
  }
}
