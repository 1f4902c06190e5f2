import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

/// Files of the form before version 1.6 that are damaged or lie.
@Suite struct LegacyRefusalTests {
  private static let magic: [UInt8] = [
    0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]
  private static let version = Pickle.proto + Pickle.integer(1001) + Pickle.stop
  private static let machine = Pickle.proto + Pickle.emptyDictionary + Pickle.stop
  private static let data: [UInt8] = Array(0..<16)

  private static func storage(
    _ key: String, _ count: Int, part: [UInt8] = Pickle.none, kind: String = "FloatStorage"
  ) -> [UInt8] {
    Pickle.tuple(
      Pickle.text("storage"), Pickle.global("torch", kind), Pickle.text(key), Pickle.text("cpu"),
      Pickle.integer(count), part) + Pickle.persistentID
  }

  private static func tensor(_ storage: [UInt8], _ count: Int = 4) -> [UInt8] {
    Pickle.tensor(storage, shape: [count], strides: [1])
  }

  private static func keys(_ keys: [UInt8]...) -> [UInt8] {
    Pickle.proto + Pickle.emptyList + keys.flatMap { $0 + Pickle.append } + Pickle.stop
  }

  private static func file(
    version: [UInt8] = version, _ checkpoint: (key: String, value: [UInt8])...,
    keys: [UInt8] = keys(Pickle.text("7")), storages: [UInt8] = ZipFile.little(4, 8) + data
  ) -> [UInt8] {
    let pickle =
      Pickle.proto + Pickle.emptyDictionary
      + checkpoint.flatMap { Pickle.text($0.key) + $0.value + Pickle.setItem } + Pickle.stop
    return magic + version + machine + pickle + keys + storages
  }

  private static let whole = tensor(storage("7", 4))

  static let files: [Refusal] = [
    .init(
      "another version", file(version: Pickle.proto + Pickle.integer(1002) + Pickle.stop),
      "this file of PyTorch's form before version 1.6 has another version than 1001; load it in Python and save it again: torch.save(torch.load(FILE, map_location='cpu', weights_only=False), NEW)"
    ),
    .init(
      "nothing behind the magic number", magic,
      "at byte 15 the pickle ends early: 1 bytes were expected, and 0 are left"
    ),
    .init(
      "no list of storages", file(("w", whole), keys: Pickle.proto + Pickle.none + Pickle.stop),
      "the pickle behind the checkpoint should list the storages, but holds None"
    ),
    .init(
      "a list of numbers", file(("w", whole), keys: keys(Pickle.integer(7))),
      "the pickle behind the checkpoint should list the storages, but holds an integer"
    ),
    .init(
      "a storage that no tensor has", file(("w", whole), keys: keys(Pickle.text("8"))),
      "the file lists the storage “8”, which the checkpoint does not name"
    ),
    .init(
      "a storage that is not listed", file(("w", whole), keys: keys(), storages: []),
      "there is no storage “7”, which holds the tensor “w”"
    ),
    .init(
      "a storage that is listed twice",
      file(
        ("w", whole), keys: keys(Pickle.text("7"), Pickle.text("7")),
        storages: ZipFile.little(4, 8) + data + ZipFile.little(4, 8) + data),
      "the file lists the storage “7” twice"
    ),
    .init(
      "a storage of two sizes", file(("w", whole), ("v", tensor(storage("7", 3), 3))),
      "the checkpoint names the storage “7” with two types or sizes"
    ),
    .init(
      "a storage of two types",
      file(("w", whole), ("v", tensor(storage("7", 4, kind: "LongStorage")))),
      "the checkpoint names the storage “7” with two types or sizes"
    ),
    .init(
      "another number of elements", file(("w", whole), storages: ZipFile.little(5, 8) + data),
      "the storage “7” has 5 elements, but the checkpoint declares 4"
    ),
    .init(
      "more elements than the file has",
      file(("w", tensor(storage("7", 5), 5)), storages: ZipFile.little(5, 8) + data),
      "the file ends early: the storage “7” has 5 elements, and 16 bytes are left"
    ),
    .init(
      "2^62 elements",
      file(("w", tensor(storage("7", 1 << 62))), storages: ZipFile.little(1 << 62, 8) + data),
      "the file ends early: the storage “7” has 4611686018427387904 elements, and 16 bytes are left"
    ),
    .init(
      "a negative number of elements",
      file(("w", tensor(storage("7", -1))), storages: ZipFile.little(-1, 8) + data),
      "the file ends early: the storage “7” has -1 elements, and 16 bytes are left"
    ),
    .init(
      "half a number of elements", file(("w", whole), storages: [4, 0, 0]),
      "the file ends early: the storage “7” has 4 elements, and 3 bytes are left"
    ),
    .init(
      "more behind the storages", file(("w", whole), storages: ZipFile.little(4, 8) + data + [1]),
      "the last storage is followed by 1 bytes that belong to nothing"
    ),
    .init(
      "a part beyond its storage",
      file(
        (
          "w",
          tensor(
            storage(
              "7", 4,
              part: Pickle.tuple(Pickle.text("8"), Pickle.integer(3), Pickle.integer(2))), 1)
        )),
      "the tensor “w” of shape [1] with strides [1] from element 0 on reaches beyond its storage “7”"
    ),
    .init(
      "a tensor beyond its part",
      file(
        (
          "w",
          tensor(
            storage(
              "7", 4,
              part: Pickle.tuple(Pickle.text("8"), Pickle.integer(1), Pickle.integer(2))), 3)
        )),
      "the tensor “w” of shape [3] with strides [1] from element 0 on reaches beyond its storage “7”"
    ),
    .init(
      "a storage of a type that is not known",
      file(("w", tensor(storage("7", 4, kind: "StringStorage")))),
      "at byte 135 the pickle needs the class of a storage, but has a class or function"
    ),
    .init(
      "complex numbers", file(("w", tensor(storage("7", 1, kind: "ComplexDoubleStorage"), 1)),
        storages: ZipFile.little(1, 8) + data),
      "the tensor “w” has the element type “complex128”, which is not supported"
    ),
    .init(
      "a pickle of something else", Pickle.checkpoint(("w", Pickle.none)),
      "this is a pickle that torch.save did not write; where you trust it, save what is in it again: torch.save(pickle.load(open(FILE, 'rb')), NEW)"
    ),
    .init(
      "a pickle that would run something", Array("cos\nsystem\n)R.".utf8),
      "this is a pickle that torch.save did not write; it would run “os.system”, which is not done here; where you trust it, save what is in it again: torch.save(pickle.load(open(FILE, 'rb')), NEW)"
    ),
  ]

  @Test("an old file that is damaged or lies is refused", arguments: files)
  func refused(_ file: Refusal) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(file.bytes, to: "old.pt")
    #expect(refusal { _ = try LegacyPickle.open(path) } == file.message)
  }

  @Test("the file that the others differ from is read")
  func intact() throws {
    let folder = try TemporaryFolder()
    let source = try LegacyPickle.open(folder.write(Self.file(("w", Self.whole)), to: "old.pt"))
    #expect(try source.bytes(of: source.tensors[0]) == Self.data)
  }

  @Test("any change and any cut of an old file gives an error or tensors")
  func robustness() throws {
    let names = ["legacy-types", "legacy-python2", "legacy-training"]
    var numbers = SeededNumbers(seed: 20_261_127)
    for name in names {
      let original = try InputFile.contents(
        of: Fixture.path("torch", name + ".pt"), limit: 1 << 20)
      for _ in 0..<300 {
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
          bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(
            in: 0...255, using: &numbers)
        }
        if Bool.random(using: &numbers) {
          bytes.removeLast(Int.random(in: 0..<bytes.count, using: &numbers))
        }
        let file = try TemporaryFile(bytes)
        do {
          let source = try LegacyPickle.open(file.path)
          for tensor in source.tensors where tensor.byteCount < 1 << 20 {
            _ = try source.bytes(of: tensor)
          }
        } catch is any Diagnosis {}
      }
    }
  }
}
