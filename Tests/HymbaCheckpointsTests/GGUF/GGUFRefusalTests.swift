import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

/// Mistakes that no hostile file has, and split sets.
@Suite struct GGUFRefusalTests {
  private static func file(_ change: (inout GGUFBytes) -> Void) -> [UInt8] {
    var file = GGUFBytes()
    file.tensors = [
      .init(name: "a", dimensions: [4, 2], type: 0, offset: 0),
      .init(name: "b", dimensions: [3], type: 1, offset: 32),
    ]
    file.data = [UInt8](repeating: 1, count: 38)
    change(&file)
    return file.bytes
  }

  static let refusals: [Refusal] = [
    Refusal("version 1", file { $0.version = 1 }, "has version 1 of GGUF, and versions 2 and 3 are read"),
    Refusal(
      "negative count", file { $0.keyCount = -1 },
      "declares -1 keys, and 142 bytes are left, which hold no such number"),
    Refusal(
      "a gap", file { $0.tensors[1].offset = 64 },
      "the tensor “b” begins at byte 64 of the data, and must begin at 32, behind the tensors before it"),
    Refusal(
      "out of order", file { $0.tensors.swapAt(0, 1) },
      "the tensor “b” begins at byte 32 of the data, and must begin at 0, behind the tensors before it"),
    Refusal("bytes behind", file { $0.data += [UInt8](repeating: 0, count: 27) }, "1 bytes at the end of the file belong to no tensor"),
    Refusal("no dimensions", file { $0.tensors[0].dimensions = [] }, "the tensor “a” has 0 dimensions; a GGUF file has 1 to 4"),
    Refusal(
      "five dimensions", file { $0.tensors[0].dimensions = [4, 2, 1, 1, 1] },
      "the tensor “a” has 5 dimensions; a GGUF file has 1 to 4"),
    Refusal(
      "negative dimension", file { $0.tensors[0].dimensions = [4, -2] },
      "the tensor “a” has the dimensions [4, -2], and each must be at least 1"),
    Refusal(
      "long name", file { $0.tensors[0].name = String(repeating: "n", count: 65) },
      "the name of tensor 1 has a length of 65 bytes; at most 64 are accepted"),
    Refusal(
      "a name that controls the terminal", file { $0.tensors[0] = .init(name: "\u{1B}[2J", dimensions: [4], type: 77, offset: 0) },
      "the tensor “\\u{1b}[2J” has the type 77, which is not known here"),
    Refusal(
      "key twice", file { $0.keys = [GGUFBytes.key("k", 1), GGUFBytes.key("k", 2)] },
      "the key “k” is given twice"),
    Refusal(
      "value type", file { $0.keys = [("k", 13, [0, 0, 0, 0])] },
      "the key “k” has a value of type 13, which GGUF does not have"),
    Refusal(
      "bool in an array", file { $0.keys = [("k", 9, GGUFBytes.word(7) + GGUFBytes.long(9) + [1, 0, 1, 0, 1, 0, 1, 0, 2])] },
      "the key “k” holds the byte 2 for true or false, and must hold 0 or 1"),
    Refusal(
      "text in an array", file { $0.keys = [("k", 9, GGUFBytes.word(8) + GGUFBytes.long(1) + GGUFBytes.long(1 << 40))] },
      "a text of the key “k” has a length of 1099511627776, and 141 bytes are left"),
    Refusal(
      "alignment of 64 bits", file { $0.keys = [("general.alignment", 10, GGUFBytes.long(32))] },
      "the key “general.alignment” must be a power of two up to 1048576, of 32 bits, and is 32"),
    Refusal(
      "alignment 0", file { $0.keys = [GGUFBytes.key("general.alignment", 0)] },
      "the key “general.alignment” must be a power of two up to 1048576, of 32 bits, and is 0"),
    Refusal(
      "another type", file { $0.tensors[0].type = 39 },
      "the tensor “a” is stored as MXFP4, which is not read; make a file of another type with llama-quantize --allow-requantize FILE NEW Q8_0, or name the checkpoint that it was made from"),
  ]

  @Test("a mistake is refused in one sentence", arguments: refusals)
  func refused(_ mistake: Refusal) throws {
    let file = try TemporaryFile(mistake.bytes)
    #expect(refusal { _ = try GGUFSource(file.path) } == mistake.message)
  }

  @Test("the file without a mistake is read, with padding behind it and without")
  func accepted() throws {
    for padding in [0, 26] {
      let file = try TemporaryFile(Self.file { $0.data += [UInt8](repeating: 0, count: padding) })
      let source = try GGUFSource(file.path)
      #expect(source.tensors.map(\.name) == ["a", "b"])
      #expect(source.tensors[0].shape.dimensions == [2, 4])
      #expect(source.storedType(of: source.tensors[0]) == nil)
    }
  }

  // MARK: Split sets

  private static func part(_ number: UInt32, of count: UInt32, tensors: UInt32 = 2) -> [UInt8] {
    file {
      $0.keys = [
        GGUFBytes.key("split.no", number), GGUFBytes.key("split.count", count),
        GGUFBytes.key("split.tensors.count", tensors),
      ]
      $0.tensors = [.init(name: "t\(number)", dimensions: [2], type: 0, offset: 0)]
      $0.data = [UInt8](repeating: UInt8(number), count: 8)
    }
  }

  private func message(_ parts: [(String, [UInt8])], opening name: String = "m-00001-of-00002.gguf") throws -> String? {
    let folder = try TemporaryFolder()
    for (name, bytes) in parts { try folder.write(bytes, to: name) }
    return refusal { _ = try GGUFSource(folder.file(name)) }?.replacing(folder.path + "/", with: "")
  }

  @Test("a set is read when its parts agree")
  func set() throws {
    let (first, second) = ("m-00001-of-00002.gguf", "m-00002-of-00002.gguf")
    func parts(_ second: [UInt8]) -> [(String, [UInt8])] {
      [(first, Self.part(0, of: 2)), ("m-00002-of-00002.gguf", second)]
    }
    #expect(try message(parts(Self.part(1, of: 2))) == nil)
    #expect(
      try message(parts(Self.part(1, of: 2)), opening: second)
        == "this is part 2 of 2; name m-00001-of-00002.gguf, which opens all of them")
    #expect(
      try message([(first, Self.part(0, of: 2))])
        == "of the 2 parts of the set, m-00002-of-00002.gguf is not there")
    #expect(
      try message([("m-00001-of-00003.gguf", Self.part(0, of: 3))], opening: "m-00001-of-00003.gguf")
        == "of the 3 parts of the set, m-00002-of-00003.gguf and m-00003-of-00003.gguf are not there")
    #expect(
      try message([("m.gguf", Self.part(0, of: 2))], opening: "m.gguf")
        == "the file says that it is part 1 of 2, so its name must end in -00001-of-00002.gguf for the other parts to be found")
    #expect(
      try message(parts(Self.part(0, of: 2)))
        == "m-00002-of-00002.gguf: the parts do not belong together: this file says that it is part 1 of 2 with 2 tensors together, and by the first file and its name it is part 2 of 2 with 2 tensors together")
    #expect(
      try message(parts(Self.file { _ in }))
        == "m-00002-of-00002.gguf: the parts do not belong together: this file says that it is no part of a set, and by the first file and its name it is part 2 of 2 with 2 tensors together")
    #expect(
      try message([(first, Self.part(0, of: 2, tensors: 3)), (second, Self.part(1, of: 2, tensors: 3))])
        == "the parts do not belong together: they hold 2 tensors, and say that there are 3")
    let same = Self.file {
      $0.keys = [
        GGUFBytes.key("split.no", 1), GGUFBytes.key("split.count", 2), GGUFBytes.key("split.tensors.count", 2),
      ]
      $0.tensors = [.init(name: "t0", dimensions: [2], type: 0, offset: 0)]
      $0.data = [UInt8](repeating: 0, count: 8)
    }
    #expect(try message(parts(same)) == "the tensor “t0” is listed twice")
    #expect(try message([("m.gguf", Self.part(0, of: 1, tensors: 1))], opening: "m.gguf") == nil)
    #expect(
      try message([("m.gguf", Self.part(2, of: 2))], opening: "m.gguf")
        == "the key “split.no” must be a whole number from 0 to 1, and is 2")
  }

  // MARK: Damage

  private func read(_ bytes: [UInt8]) throws {
    let file = try TemporaryFile(bytes)
    do {
      let source = try GGUFSource(file.path)
      for tensor in source.tensors { _ = try source.bytes(of: tensor) }
    } catch is any Diagnosis {}
  }

  @Test("every flipped bit of a small file gives an error or tensors")
  func flippedBits() throws {
    let original = try InputFile.contents(of: Fixture.path("gguf", "hostile/ok-one-tensor.gguf"), limit: 1 << 20)
    for index in original.indices {
      for bit in 0..<8 {
        var bytes = original
        bytes[index] ^= 1 << bit
        try read(bytes)
      }
    }
  }

  @Test("random changes of a header with every type give errors or tensors")
  func changedBytes() throws {
    let original = try InputFile.contents(of: Fixture.path("gguf", "types/types.gguf"), limit: 1 << 20)
    var numbers = SeededNumbers(seed: 28)
    let file = try TemporaryFile(original)
    for index in stride(from: 0, to: 3000, by: 3) {
      try file.write([UInt8.random(in: 0...255, using: &numbers)], at: index)
      do { _ = try GGUFSource(file.path) } catch is any Diagnosis {}
      try file.write([original[index]], at: index)
    }
  }

  @Test("a file that was cut anywhere is refused")
  func cut() throws {
    let original = try InputFile.contents(of: Fixture.path("gguf", "types/types.gguf"), limit: 1 << 20)
    let file = try TemporaryFile(original)
    for length in stride(from: original.count - 32, through: 0, by: -7) {
      try file.truncate(to: length)
      #expect(refusal { _ = try GGUFSource(file.path) } != nil, "\(length)")
    }
    let small = try InputFile.contents(of: Fixture.path("gguf", "hostile/ok-one-tensor.gguf"), limit: 1 << 20)
    for length in 0..<small.count - 31 {
      let file = try TemporaryFile(Array(small.prefix(length)))
      #expect(refusal { _ = try GGUFSource(file.path) } != nil, "\(length)")
    }
  }

  @Test("a file that is cut after it was opened gives an error")
  func cutWhileOpen() throws {
    let file = try TemporaryFile(Self.file { _ in })
    let source = try GGUFSource(file.path)
    try file.truncate(to: 100)
    #expect(throws: FileDiagnosis.self) { try source.bytes(of: source.tensors[0]) }
  }
}
