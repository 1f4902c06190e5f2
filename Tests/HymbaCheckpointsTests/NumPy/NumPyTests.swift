import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

@Suite struct NumPyTests {
  static let forms: [String] = ["c", "fortran", "big", "fortran-big"].flatMap {
    [$0, $0 + "-compressed"]
  }

  private func open(
    _ form: String
  ) throws -> (numPy: any CheckpointSource, expected: SafetensorsSource) {
    (
      try ZippedCheckpoint.open(Fixture.path("npz", form + ".npz")),
      try SafetensorsSource(Fixture.path("npz", "arrays.safetensors"))
    )
  }

  @Test("every array has the type, shape and numbers that NumPy saved", arguments: forms)
  func arrays(_ form: String) throws {
    let (numPy, expected) = try open(form)
    #expect(Set(numPy.tensors.map(\.name)) == Set(expected.tensors.map(\.name)))
    for tensor in numPy.tensors {
      #expect(tensor == expected.tensors[tensor.name])
      #expect(try numPy.bytes(of: tensor) == expected.bytes(of: tensor), "\(tensor.name)")
    }
    #expect(
      try Fingerprint.compute(of: numPy, jobs: 2) == Fingerprint.compute(of: expected, jobs: 1))
  }

  @Test("any range of an array is that part of the whole", arguments: forms)
  func ranges(_ form: String) throws {
    let (numPy, expected) = try open(form)
    for name in ["float32", "int16", "scalar"] {
      let tensor = try #require(numPy.tensors[name])
      let whole = try expected.bytes(of: tensor)
      // Backwards, so that a compressed entry starts again each time.
      for begin in (0...whole.count).reversed() where begin % 3 != 1 {
        for end in [begin, min(begin + 1, whole.count), min(begin + 7, whole.count), whole.count] {
          #expect(try numPy.bytes(of: tensor, begin..<end) == Array(whole[begin..<end]))
        }
      }
    }
  }

  @Test("headers of versions 2 and 3, and sizes as Python 2 wrote them, are read")
  func olderAndNewer() throws {
    for version: UInt8 in 1...3 {
      var file = NpyFile(
        header: "{'descr': '<u2', 'fortran_order': True, 'shape': (3L, 2L), }\n", version: version)
      file.data = [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]
      let folder = try TemporaryFolder()
      let sources: [any CheckpointSource] = [
        try NumPySource(array: folder.write(file.bytes, to: "a.npy")),
        try ZippedCheckpoint.open(
          folder.write(ZipFile(.init("a.npy", file.bytes)).bytes, to: "a.npz")),
      ]
      for source in sources {
        let tensor = try #require(source.tensors["a"])
        #expect(tensor.type == .uint16 && tensor.shape.dimensions == [3, 2])
        #expect(try source.bytes(of: tensor) == [1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0])
      }
    }
  }

  @Test("the bytes that an array takes in the file are those of its data, compressed or not")
  func storedBytes() throws {
    let content = [UInt8](repeating: 7, count: 3000)
    let array = NpyFile([3000], content).bytes
    let headerBytes = array.count - content.count
    // The entry lies: what it holds is not read for this.
    let zip = ZipFile(
      .init("stored.npy", array),
      .init("deflated.npy", ZipReadingTests.deflated(array)) {
        $0.method = 8
        $0.contentBytes = array.count
        $0.checksum = ZipFile.crc32(array)
      })
    let folder = try TemporaryFolder()
    let source = try ZippedCheckpoint.open(folder.write(zip.bytes, to: "a.npz"))
    #expect(source.storedBytes(of: try #require(source.tensors["stored"])) == 3000)
    let deflated = source.storedBytes(of: try #require(source.tensors["deflated"]))
    #expect(deflated == (array.count + 5) * 3000 / (headerBytes + 3000))
    let lone = try NumPySource(array: folder.write(array, to: "a.npy"))
    #expect(lone.storedBytes(of: lone.tensors[0]) == 3000)
  }

  @Test("several threads may read compressed arrays at once", arguments: forms)
  func concurrency(_ form: String) throws {
    let (numPy, expected) = try open(form)
    let read = try Parallel.map(count: 100, jobs: 8) { index in
      let tensor = numPy.tensors[index % numPy.tensors.count]
      return (tensor.name, try numPy.bytes(of: tensor))
    }
    for (name, bytes) in read {
      #expect(try bytes == expected.bytes(of: try #require(expected.tensors[name])))
    }
  }

  @Test("a model's arrays have the fingerprint of its safetensors")
  func model() throws {
    let numPy = try ZippedCheckpoint.open(Fixture.path("npz", "edifice-hymba-tiny.npz"))
    let expected = try SafetensorsSource(Fixture.path("edifice-hymba-tiny", "model.safetensors"))
    #expect(
      try Fingerprint.compute(of: numPy, jobs: 1) == Fingerprint.compute(of: expected, jobs: 1))
  }

  @Test("a lone array is named as its file")
  func lone() throws {
    let numPy = try NumPySource(array: Fixture.path("npz", "lone.npy"))
    let expected = try SafetensorsSource(Fixture.path("npz", "arrays.safetensors"))
    #expect(numPy.tensors.map(\.name) == ["lone"])
    #expect(
      try numPy.bytes(of: numPy.tensors[0])
        == expected.bytes(of: try #require(expected.tensors["float32"])))
  }

  static let refusals: [(name: String, message: String)] = [
    (
      "complex128",
      "the array “weight” has the element type “<c16”, which is not supported; convert it with .astype('complex64') before it is saved"
    ),
    (
      "long-double",
      "the array “weight” has the element type “<f16”, which is not supported; convert it with .astype('float64') before it is saved"
    ),
    (
      "record",
      "the array “weight” has the element type of several fields, which is not supported; save it as numbers"
    ),
    (
      "float8",
      "the array “weight” has the element type “<V1”, which is not supported; NumPy has no name for 8-bit floats: save them as safetensors"
    ),
  ]

  @Test("the only type of two bytes that NumPy cannot name is read as BF16, and that is said")
  func bfloat16() throws {
    let source = try ZippedCheckpoint.open(Fixture.path("npz", "bfloat16.npz"))
    #expect(source.tensors.map(\.type) == [.bfloat16])
    #expect(try source.bytes(of: source.tensors[0]) == [0x80, 0x3F, 0x80, 0x3F])
    #expect(
      source.notes == ["its arrays of the type “V2” are taken as BF16, for which NumPy has no name"])
  }

  @Test(
    "texts and objects that NumPy saved beside an array are left aside by name",
    arguments: [("objects", "args.npy"), ("text", "name.npy")])
  func aside(_ file: String, _ name: String) throws {
    let source = try ZippedCheckpoint.open(Fixture.path("npz", file + ".npz"))
    #expect(source.tensors.map(\.name) == ["weight"])
    #expect(source.leftAside.map(\.kind) == [.notTensors])
    #expect(source.leftAside.map(\.names) == [[name]])
  }

  @Test("folders, other files, times and structures beside an array are left aside with their bytes")
  func others() throws {
    func array(_ kind: String, _ bytes: Int) -> [UInt8] {
      var file = NpyFile([1], [UInt8](repeating: 0, count: bytes))
      file.kind = kind
      return file.bytes
    }
    let others: [ZipFile.Entry] = [
      .init("config/", []), .init("config/notes.txt", Array("hello".utf8)),
      .init("time.npy", array("'<M8[s]'", 8)), .init("span.npy", array("'<m8'", 8)),
      .init("raw.npy", array("'|V8'", 8)), .init("bytes.npy", array("'|S3'", 3)),
      .init("fields.npy", array("[('a', '<f4')]", 4)), .init("object.npy", array("'|O'", 20)),
    ]
    let zip = ZipFile([.init("w.npy", NpyFile([3], [1, 2, 3]).bytes)] + others)
    let folder = try TemporaryFolder()
    let source = try ZippedCheckpoint.open(folder.write(zip.bytes, to: "a.npz"))
    #expect(source.tensors.map(\.name) == ["w"])
    #expect(
      source.leftAside == [
        LeftAside(
          .notTensors, names: others.map(\.name), bytes: others.reduce(0) { $0 + $1.stored.count })
      ])
    #expect(source.keptBytes == zip.bytes.count - others.reduce(0) { $0 + $1.stored.count })
  }

  @Test("an archive of which nothing is a tensor is refused for the first array that is none")
  func noTensor() throws {
    var text = NpyFile([1], [0, 0, 0, 0])
    text.kind = "'<U1'"
    #expect(
      try refusal(of: ZipFile(.init("notes.txt", []), .init("name.npy", text.bytes)))
        == "the array “name” has the element type “<U1”, which is not supported; save it as numbers"
    )
  }

  @Test("a damaged array beside others is an error, whatever those are")
  func damagedBesideOthers() throws {
    #expect(
      try refusal(
        of: ZipFile(
          .init("w.npy", NpyFile([3], [1, 2, 3]).bytes), .init("v.npy", NpyFile([3], [1, 2]).bytes))
      ) == "the array “v” has 2 bytes of data, but U8 [3] needs 3")
  }

  @Test("arrays of numbers that are not supported are refused, and so are those of nothing else", arguments: refusals)
  func refused(_ name: String, _ message: String) throws {
    #expect(
      refusal { _ = try ZippedCheckpoint.open(Fixture.path("npz", name + ".npz")) } == message)
  }

  static let headers: [Refusal] = [
    .init(
      "version 4", NpyFile(header: "", version: 4),
      "the array “a” has version 4.0 of the format, and NumPy has 1.0, 2.0 and 3.0; load it with the program that wrote it, and save it with numpy.save"
    ),
    .init(
      "no literal", NpyFile(header: "hello"),
      "the header of the array “a” is not valid: expected “{” at byte 10"
    ),
    .init(
      "nothing in it", NpyFile(header: "{}", version: 2),
      "the header of the array “a” is not valid: expected descr, fortran_order and shape at byte 14"
    ),
    .init(
      "another key", NpyFile(header: "{'x': 1}"),
      "the header of the array “a” is not valid: expected descr, fortran_order or shape at byte 15"
    ),
    .init(
      "no end", NpyFile(header: "{'descr': '<f4"),
      "the header of the array “a” is not valid: expected a text without escapes at byte 20"
    ),
    .init(
      "something after it", NpyFile(header: "{} x"),
      "the header of the array “a” is not valid: expected the end of the header at byte 13"
    ),
    .init(
      "a negative size", NpyFile([-1], []),
      "the header of the array “a” is not valid: expected a whole number below 2^63 at byte 61"
    ),
    .init(
      "a size beyond 63 bits", NpyFile(header: "{'shape': (9223372036854775808,)}"),
      "the header of the array “a” is not valid: expected a whole number below 2^63 at byte 21"
    ),
    .init(
      "too many dimensions", NpyFile([Int](repeating: 1, count: 40), [1]),
      "the header of the array “a” is not valid: expected at most 32 dimensions at byte 160"
    ),
    .init(
      "neither order", NpyFile(header: "{'fortran_order': 1}"),
      "the header of the array “a” is not valid: expected True or False at byte 28"
    ),
    .init(
      "sizes that overflow", NpyFile([Int.max, 2], []),
      "the shape [9223372036854775807, 2] of the tensor “a” has more elements than 63 bits count"
    ),
    .init(
      "too little data", NpyFile([4], [1, 2, 3]),
      "the array “a” has 3 bytes of data, but U8 [4] needs 4"
    ),
    .init(
      "too much data", NpyFile([4], [1, 2, 3, 4, 5]),
      "the array “a” has 5 bytes of data, but U8 [4] needs 4"
    ),
  ]

  @Test("an array with a header that means nothing is refused", arguments: headers)
  func header(_ file: Refusal) throws {
    #expect(try refusal(of: ZipFile(.init("a.npy", file.bytes))) == file.message)
    let folder = try TemporaryFolder()
    let path = try folder.write(file.bytes, to: "a.npy")
    #expect(refusal { _ = try NumPySource(array: path) } == file.message)
  }

  @Test("a header that is larger than the file or than any is refused, and so is none")
  func headerSizes() throws {
    let long = NpyFile(header: String(repeating: " ", count: 10_001))
    #expect(
      try refusal(of: ZipFile(.init("a.npy", long.bytes)))
        == "the array “a” declares a header of 10001 bytes; at most 10000 are accepted")
    var short = NpyFile([1], [1]).bytes
    short[8] = 200
    #expect(
      try refusal(of: ZipFile(.init("a.npy", short)))
        == "the array “a” declares a header of 200 bytes; at most \(short.count - 10) are accepted")
    #expect(
      try refusal(of: ZipFile(.init("a.npy", Array("hello, this is text".utf8))))
        == "“a” is not a NumPy array: it does not begin with \\x93NUMPY")
  }
}
