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
}
