import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

/// Damaged archives give errors or tensors, never a trap.
@Suite struct ForeignRobustnessTests {
  static let files: [String] = [
    Fixture.path("torch", "views.pt"), Fixture.path("torch", "training.pt"),
    Fixture.path("torch", "protocol4.pt"), Fixture.path("npz", "fortran-big.npz"),
    Fixture.path("npz", "fortran-compressed.npz"),
  ]

  @Test("random changes give errors or tensors", arguments: files)
  func archives(_ path: String) throws {
    let original = try InputFile.contents(of: path, limit: 1 << 20)
    var numbers = SeededNumbers(seed: 20_261_124)
    for _ in 0..<400 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &numbers) {
        bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(
          in: 0...255, using: &numbers)
      }
      try read(bytes)
    }
  }

  /// The same behind checksums that are right.
  @Test("random changes of the pickle give errors or tensors")
  func pickles() throws {
    let tensor = Pickle.tensor(
      Pickle.storage("0", 6), offset: 1, shape: [2, 2], strides: [1, 2],
      metadata: Pickle.emptyDictionary)
    let original = Pickle.checkpoint(
      ("state_dict", Pickle.dictionary((Pickle.text("a"), tensor), (Pickle.text("b"), tensor))),
      ("epoch", Pickle.integer(3)))
    var numbers = SeededNumbers(seed: 3)
    for _ in 0..<4000 {
      var pickle = original
      for _ in 0..<Int.random(in: 1...3, using: &numbers) {
        pickle[Int.random(in: 0..<pickle.count, using: &numbers)] = UInt8.random(
          in: 0...255, using: &numbers)
      }
      try read(Pickle.archive(pickle, [("0", [UInt8](repeating: 1, count: 24))]).bytes)
    }
  }

  @Test("random changes of an array's header give errors or tensors")
  func headers() throws {
    var file = NpyFile([2, 3], [UInt8](repeating: 1, count: 24))
    file.kind = "'>f4'"
    file.order = "True"
    let original = file.bytes
    var numbers = SeededNumbers(seed: 4)
    for _ in 0..<2000 {
      var bytes = original
      bytes[Int.random(in: 6..<original.count - 24, using: &numbers)] = UInt8.random(
        in: 0...255, using: &numbers)
      try read(ZipFile(.init("a.npy", bytes)).bytes)
    }
  }

  private func read(_ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "file")
    do {
      let source = try ZippedCheckpoint.open(path)
      for tensor in source.tensors where tensor.byteCount < 1 << 20 {
        _ = try source.bytes(of: tensor)
      }
    } catch is any Diagnosis {}
  }
}
