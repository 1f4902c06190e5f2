import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

/// Pickles that would keep the machine busy or fill its memory.
@Suite struct PickleLimitTests {
  private func problem(_ body: [UInt8]) -> PyTorchError? {
    var machine = PickleMachine(Pickle.proto + body)
    do throws(PyTorchError) {
      _ = try machine.run()
      return nil
    } catch {
      return error
    }
  }

  @Test("opcodes and memo entries are counted")
  func counts() {
    // A value is pushed and popped without end; one is remembered again and again.
    var idle: [UInt8] = [0x4E, 0x30]
    for _ in 0..<22 { idle += idle }
    #expect(problem(idle) == .pickle(.tooMany("opcodes", limit: 1 << 23), at: 1 << 23 + 1))
    let memo = [UInt8](repeating: 0x94, count: 1 << 21 + 1)
    #expect(
      problem(Pickle.none + memo)
        == .pickle(.tooMany("values in its memo", limit: 1 << 21), at: 3 + 1 << 21))
  }

  @Test("what torch.save writes of a tensor leaves room for a hundred thousand of them")
  func room() throws {
    let archive = try ZipArchive(Fixture.path("torch", "state-dict.pt"))
    let pickle = try #require(PyTorchSource.root(of: archive)?.pickle)
    let bytes = try archive.content(of: pickle, limit: Limits.pickleBytes)
    var machine = PickleMachine(bytes)
    _ = try machine.run()
    // What comes once is counted for each, so this is more than such a checkpoint has.
    let tensors = machine.objects.tensors.count
    #expect(machine.objects.count * 100_000 <= tensors * Limits.pickleObjects)
    #expect(machine.memo.count * 100_000 <= tensors * Limits.pickleMemo)
    #expect(bytes.count * 100_000 <= tensors * Limits.pickleBytes)
  }

  @Test("a text that takes too long to compare is refused, a shorter one is not")
  func marks() {
    func text(_ marks: Int) -> [UInt8] {
      Pickle.text("a" + String(repeating: "\u{301}", count: marks)) + Pickle.stop
    }
    #expect(problem(text(256)) == nil)
    #expect(problem(text(257)) == .pickle(.tooManyMarks, at: 7))
    #expect(
      problem(text(257))?.description
        == "at byte 7 the pickle has a text with more than 256 combining marks in a row")
  }

  /// `count` values under one key each, the keys numbers from 0 on.
  private func values(_ count: Int) -> [UInt8] {
    Pickle.emptyDictionary
      + (0..<count).flatMap { Pickle.integer($0) + Pickle.none + Pickle.setItem }
  }

  private func checkpoint(_ value: [UInt8], below keys: [String]) -> ZipFile {
    let nested = keys.reduce(value) { Pickle.dictionary((Pickle.text($1), $0)) }
    return Pickle.archive(Pickle.proto + nested + Pickle.stop)
  }

  @Test("long keys above many values end in a sentence before their names fill the memory")
  func names() throws {
    let tooLong = "the names in the pickle take more than 134217728 bytes together"
    let keys = [String](repeating: String(repeating: "k", count: 4096), count: 15)
    // 2184 names of 15 · 4097 bytes and the number of each; 100 less fit.
    #expect(try refusal(of: checkpoint(values(2184), below: keys)) == tooLong)
    #expect(
      try refusal(of: checkpoint(values(2084), below: keys)) == "the pickle holds no tensors")
  }

  @Test("a key of more than 4096 bytes counts as it is kept, each time that it is met")
  func longKeys() throws {
    let entry = Pickle.get(0) + Pickle.none + Pickle.setItem
    func pickle(_ count: Int) -> ZipFile {
      let first = Pickle.text(String(repeating: "k", count: 100_000)) + Pickle.put(0)
      let entries = [[UInt8]](repeating: entry, count: count).flatMap(\.self)
      return Pickle.archive(
        Pickle.proto + Pickle.emptyDictionary + first + Pickle.none + Pickle.setItem + entries
          + Pickle.stop)
    }
    #expect(
      try refusal(of: pickle(33_000))
        == "the names in the pickle take more than 134217728 bytes together")
    // As they are, they would have 3.2 GB.
    #expect(try refusal(of: pickle(32_000)) == "the pickle holds no tensors")
    let tensor = Pickle.tensor(Pickle.storage("0", 1), shape: [1], strides: [1])
    let key = String(repeating: "k", count: 4097)
    #expect(
      try refusal(of: Pickle.archive(Pickle.checkpoint((key, tensor)), [("0", [0, 0, 0, 0])]))
        == "the tensor name “\(key.prefix(32))…” is longer than 4096 bytes")
  }
}
