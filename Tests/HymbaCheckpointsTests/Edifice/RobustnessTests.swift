import HymbaCheckpoints
import HymbaFormat
import Testing

/// Damaged files give errors or tensors, never a trap.
@Suite struct RobustnessTests {
  static let forms = [EdificeFixture.stored, .compressed]

  /// Behind metadata and tree, which take 6.6 kB or 2 kB compressed, every seventh length will do.
  @Test(arguments: zip(forms, [6700, 2000]))
  func aFileCutAtAnyLengthIsRefused(_ fixture: EdificeFixture, _ treeEnd: Int) throws {
    let bytes = try fixture.bytes
    let file = try TemporaryFile(bytes)
    for length in (0..<bytes.count).reversed() where length < treeEnd || length % 7 == 0 {
      try file.truncate(to: length)
      #expect(throws: EdificeError.self, "cut to \(length) bytes") { try EdificeSource(file.path) }
    }
  }

  @Test(arguments: forms)
  func randomChangesGiveErrorsOrTensors(_ fixture: EdificeFixture) throws {
    let original = try fixture.bytes
    var numbers = SeededNumbers(seed: 20_261_124)
    for _ in 0..<1500 {
      var bytes = original
      // Metadata and tree take the first 6.6 kB.
      for _ in 0..<Int.random(in: 1...3, using: &numbers) {
        bytes[Int.random(in: 0..<6700, using: &numbers)] = UInt8.random(
          in: 0...255, using: &numbers)
      }
      try read(bytes)
    }
  }

  /// The same behind a checksum that is right.
  @Test func randomChangesInsideAZlibStreamGiveErrorsOrTensors() throws {
    let original = try EdificeFixture.bare.bytes.dropFirst(5)
    var numbers = SeededNumbers(seed: 1)
    for _ in 0..<300 {
      var section = Array(original)
      section[Int.random(in: 0..<6300, using: &numbers)] = UInt8.random(
        in: 0...255, using: &numbers)
      try read(NxFile().bytes(withSection: ZlibStream.of(section)))
    }
  }

  private func read(_ bytes: [UInt8]) throws {
    let file = try TemporaryFile(bytes)
    do {
      let source = try EdificeSource(file.path)
      for tensor in source.tensors { _ = try source.bytes(of: tensor) }
    } catch is any Diagnosis {}
  }
}
