import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Parts: what does not belong together")
struct PartMixTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try PartedModel().write(into: folder)
  }

  private var refusal: String? { message { _ = try ContainerSource(parts: folder.path) } }

  private func expect(_ text: String, of number: Int) {
    #expect(refusal == "\(folder.part(number)): this does not belong here: \(text)")
  }

  /// Replaces a part by that of another model.
  private func replace(_ number: Int, from model: PartedModel) throws {
    let other = try TemporaryFolder()
    try model.write(number, into: other)
    let name = PartName(number: number, count: 3).text
    try folder.write(other.read(name), to: name)
  }

  @Test("a part that is not there is named")
  func missing() throws {
    try folder.remove("model-00002-of-00003.hymba")
    #expect(
      refusal
        == "\(folder.file("model.hymba.index.json")): the index names the file “model-00002-of-00003.hymba”, which is not there")
  }

  @Test("two parts that were swapped are named by what they are")
  func swapped() throws {
    let (second, third) = ("model-00002-of-00003.hymba", "model-00003-of-00003.hymba")
    let bytes = try folder.read(second)
    try folder.write(folder.read(third), to: second)
    try folder.write(bytes, to: third)
    expect("it is part 3 of 3, under the name of part 2 of 3: give it its own name back, \(third)", of: 2)
  }

  @Test("a part of another model, and one of the same model stored otherwise, are named")
  func otherPlan() throws {
    var entries = PartedModel.entries
    entries[2] = .init("b.weight", .float32, [20, 60], Random.bytes(4800, seed: 3))
    let text = "it is part 2 of 3 of another model, or of the same one divided or stored in another way"
    try replace(2, from: PartedModel(.count(3), entries))
    expect(text, of: 2)
    try replace(2, from: PartedModel(compression: .none))
    expect(text, of: 2)
  }

  @Test("a part of a model that differs in values alone is named")
  func otherValues() throws {
    var entries = PartedModel.entries
    entries[2] = .init("b.weight", .bfloat16, [40, 60], Random.bytes(4800, seed: 33))
    try replace(2, from: PartedModel(.count(3), entries))
    expect(
      "it is another part 2 than the one that the index was written for: its manifest has another SHA-256", of: 2)
  }

  @Test("a truncated part, an empty one, and a file that is no part are named")
  func noPart() throws {
    let name = "model-00003-of-00003.hymba"
    let intact = try folder.read(name)
    for count in [0, 5, 300, intact.count / 2, intact.count - 1] {
      try folder.write(Array(intact[..<count]), to: name)
      expect(
        "it has \(count) bytes, and the index says \(intact.count): it was cut short, or is no part", of: 3)
    }
    let whole = try PartedModel().writeWhole(folder.file("c.hymba"))
    try folder.write(folder.read("c.hymba"), to: name)
    #expect(whole.partCount == 1)
    expect("it is a container by itself, and no part of a model", of: 3)
  }

  @Test("parts of another division in the folder are named, for reading and for writing")
  func others() throws {
    let model = try PartedModel(.count(2))
    let text =
      "\(folder.part(1)): this does not belong here: it is part 1 of 3, and lies beside parts of 2; move it to another folder"
    #expect(message { try model.writer(into: folder).requirePlace(for: 1...2) } == text)
    try model.write(2, into: folder)
    #expect(
      refusal
        == "\(folder.part(2, of: 2)): this does not belong here: it is part 2 of 2, and lies beside parts of 3; move it to another folder")
  }

  @Test("a conversion of another model into the folder is refused before anything is written, by headers")
  func otherConversion() throws {
    var entries = PartedModel.entries
    entries[5] = .init("d.weight", .float32, [10, 100], Random.bytes(4000, seed: 5))
    let model = try PartedModel(.count(3), entries)
    #expect(
      message { try model.writer(into: folder).requirePlace(for: 2...2) }
        == "\(folder.part(1)): is not the part that these options make: it is part 1 of 3 of another model, or of the same one divided or stored in another way")
    #expect(
      message { try model.writer(into: folder).requirePlace(for: 1...3) }
        == "\(folder.part(1)): exists already, and is not the part to be written: it is part 1 of 3 of another model, or of the same one divided or stored in another way")
    try folder.write("no container", to: "model-00001-of-00003.hymba")
    let refusal = message { try PartedModel().writer(into: folder).requirePlace(for: 1...3) }
    #expect(refusal?.hasPrefix("\(folder.part(1)): exists already, and is not the part to be written: ") == true)
  }

  @Test("a part with other values than the source is not kept for right, nor is a damaged one")
  func wrongPart() throws {
    var entries = PartedModel.entries
    entries[2] = .init("b.weight", .bfloat16, [40, 60], Random.bytes(4800, seed: 33))
    let before = try folder.read("model-00002-of-00003.hymba")
    let model = try PartedModel(.count(3), entries)
    let number = try #require(model.plan.shares.firstIndex { $0.contains { $0.name == "b.weight" } }) + 1
    let text = "\(folder.part(number)): exists already, and is not the part to be written: "
    #expect(
      message { try model.write(number, into: folder) } == text + "“b.weight” in it has other values than the source")
    #expect(try folder.read("model-00002-of-00003.hymba") == before)
    let source = try ContainerSource(folder.part(number))
    let range = source.storedRanges[0]
    let bytes = try folder.read(PartName(number: number, count: 3).text)
    try overwrite(folder.part(number), at: range.lowerBound + 9, with: [bytes[range.lowerBound + 9] ^ 1])
    let damaged = source.manifest.tensors[0].descriptor.name
    #expect(
      message { try PartedModel().write(number, into: folder) }
        == text + "the tensor “\(damaged)” is damaged: its stored bytes have another XXH3 than the manifest says")
    #expect(try PartedModel(replace: true).write(number, into: folder) == .written)
    #expect(try folder.read(PartName(number: number, count: 3).text) == bytes)
  }

  @Test("the index is not written over parts of another plan, or over a header that is damaged")
  func finishing() throws {
    try folder.remove("model.hymba.index.json")
    try replace(3, from: PartedModel(compression: .none))
    let writer = try PartedModel().writer(into: folder)
    #expect(
      message { try writer.finish() }
        == "\(folder.part(3)): is not the part that these options make: it is part 3 of 3 of another model, or of the same one divided or stored in another way")
    try replace(3, from: PartedModel())
    let header = try folder.read("model-00003-of-00003.hymba")
    let space = try #require(header.firstIndex(of: 0x20))
    try overwrite(folder.part(3), at: space, with: [0x0a])
    #expect(message { try writer.finish() }?.hasPrefix("\(folder.part(3)): the header is damaged: byte ") == true)
    #expect(try !folder.entries.contains("model.hymba.index.json"))
  }

  @Test("a part of another level of compression is no part of the model")
  func otherLevel() throws {
    let model = try PartedModel(level: .max)
    #expect(
      message { try model.write(2, into: folder) }
        == "\(folder.part(2)): exists already, and is not the part to be written: it is part 2 of 3 of another model, or of the same one divided or stored in another way")
  }

  @Test("an index of another version than its parts is refused", arguments: ["1.99", "1.3", "2.0"])
  func otherVersion(_ version: String) throws {
    let name = "model.hymba.index.json"
    let text = String(decoding: try folder.read(name), as: UTF8.self)
    try folder.write(text.replacing("\"formatVersion\":\"1.4\"", with: "\"formatVersion\":\"\(version)\""), to: name)
    expect("it is of version 1.4, and the index says \(version)", of: 1)
    #expect(
      message { _ = try ContainerSource.part(3, of: folder.path) }
        == "\(folder.part(3)): this does not belong here: it is of version 1.4, and the index says \(version)")
  }

  @Test("an index of other parts is replaced only on demand")
  func otherIndex() throws {
    try folder.write("{}", to: "model.hymba.index.json")
    #expect(
      message { try PartedModel().writer(into: folder).finish() }
        == "\(folder.file("model.hymba.index.json")): exists already")
    try PartedModel(replace: true).writer(into: folder).finish()
    #expect(refusal == nil)
  }

  @Test("one part is opened without the others, and compared with the index where there is one")
  func onePart() throws {
    #expect(try ContainerSource.part(2, of: folder.path).manifest.part?.number == 2)
    #expect(message { _ = try ContainerSource.part(4, of: folder.path) } == "there is no part 4: the model has 3")
    try replace(2, from: PartedModel(compression: .none))
    #expect(message { _ = try ContainerSource.part(2, of: folder.path) }?.contains("of another model") == true)
    try folder.remove("model.hymba.index.json")
    #expect(try ContainerSource.part(2, of: folder.path).manifest.part?.number == 2)
    try folder.remove("model-00003-of-00003.hymba")
    #expect(
      message { _ = try ContainerSource.part(3, of: folder.path) } == "1 of 3 parts are not there: 3")
    let empty = try TemporaryFolder()
    #expect(message { _ = try ContainerSource.part(1, of: empty.path) } == "the folder holds no parts")
    #expect(
      message { _ = try ContainerSource.part(1, of: folder.part(1)) }
        == "it is no folder with parts, and no index of them")
  }
}
