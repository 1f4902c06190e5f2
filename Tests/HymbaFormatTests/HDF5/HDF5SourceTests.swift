import TestSupport
import Testing

@testable import HymbaFormat

@Suite("HDF5 files as checkpoints")
struct HDF5SourceTests {
  @Test(
    "a checkpoint in HDF5 has the tensors and the fingerprint of its safetensors",
    arguments: HDF5Fixture.edifice)
  func edifice(_ name: String) throws {
    let source = try HDF5Source(HDF5Fixture.path(name))
    let expected = try SafetensorsSource(Fixture.path("edifice-hymba-tiny", "model.safetensors"))
    #expect(Set(source.tensors) == Set(expected.tensors))
    #expect(
      try Fingerprint.compute(of: source, jobs: 1) == Fingerprint.compute(of: expected, jobs: 1))
  }

  @Test(
    "every element type arrives bit for bit, whatever order, chunks and filters",
    arguments: HDF5Fixture.types)
  func types(_ name: String) throws {
    let source = try HDF5Source(HDF5Fixture.path(name))
    let expected = try SafetensorsSource(HDF5Fixture.path("types.safetensors"))
    #expect(Set(source.tensors) == Set(expected.tensors))
    for tensor in expected.tensors {
      #expect(try source.bytes(of: tensor) == expected.bytes(of: tensor), "\(tensor.name)")
    }
  }

  @Test("szip is read where the library has it, and named where it does not")
  func szip() throws {
    let expected = try SafetensorsSource(HDF5Fixture.path("types.safetensors"))
    let rows = try #require(expected.tensors["a.rows"])
    do {
      let source = try HDF5Source(HDF5Fixture.path("szip.h5"))
      #expect(try source.bytes(of: rows) == expected.bytes(of: rows))
    } catch FormatError.hdf5(.filterMissing(let path, let filter)) {
      #expect(path == "/a/rows" && filter == "szip")
    }
  }

  @Test("links to one dataset are several tensors with its bytes; types and a text are none")
  func links() throws {
    let source = try HDF5Source(HDF5Fixture.path("links.h5"))
    #expect(
      Set(source.tensors.map(\.name)) == ["embed.weight", "head.weight", "soft", "deep.soft"])
    let expected = (0..<12).map { Float($0) }.littleEndianBytes
    for tensor in source.tensors {
      #expect(tensor.type == .float32 && tensor.shape.dimensions == [3, 4])
      #expect(try source.bytes(of: tensor) == expected)
    }
  }

  @Test("the paths of a Keras 3 file are its names")
  func keras3() throws {
    let source = try HDF5Source(HDF5Fixture.path("keras3.weights.h5"))
    #expect(
      source.tensors.map(\.name).sorted() == [
        "_layer_checkpoint_dependencies.dense.vars.0", "layers.dense.vars.0",
        "layers.dense.vars.1",
      ])
    #expect(
      try source.bytes(of: #require(source.tensors["layers.dense.vars.0"]))
        == (0..<6).map { Float($0) }.littleEndianBytes)
  }

  @Test(
    "the weights of a Keras 2 file are named with their layer, once",
    arguments: [
      ("dense/kernel:0", "dense", "dense.kernel"), ("kernel:0", "dense", "dense.kernel"),
      ("model/dense/kernel:0", "dense", "model.dense.kernel"), ("kernel", "dense", "dense.kernel"),
      ("dense_1/kernel:0", "dense", "dense.dense_1.kernel"), ("a/b:0", "", "a.b"),
      ("block/dense/kernel:0", "block/dense", "block.dense.kernel"),
      ("dense/kernel:1", "dense", "dense.kernel:1"),
    ])
  func kerasNames(_ weight: String, _ layer: String, _ name: String) {
    #expect(KerasNames.name(weight, of: layer) == name)
  }

  @Test("texts at the root are metadata; numbers and Keras's configurations are not")
  func metadata() throws {
    #expect(
      try HDF5Source(HDF5Fixture.path("flat.h5")).metadata == [
        "framework": "edifice", "bytes": "fixed length",
      ])
    #expect(
      try HDF5Source(HDF5Fixture.path("keras2-model.h5")).metadata == ["keras_version": "2.15.0"])
  }

  @Test("a text of varying length is found in headers of both kinds, over several blocks")
  func attributes() throws {
    let source = try HDF5Source(HDF5Fixture.path("attributes.h5"))
    let expected = try SafetensorsSource(HDF5Fixture.path("types.safetensors"))
    let bytes = try expected.bytes(of: #require(expected.tensors["b.marked"]))
    for name in ["a", "b"] {
      let tensor = try #require(source.tensors[name])
      #expect(tensor.type == .bfloat16)
      #expect(try source.bytes(of: tensor) == bytes)
    }
    // The root's many are kept apart from its header.
    #expect(source.metadata.isEmpty)
  }

  @Test("the order is that in which the datasets were written, and the file is named")
  func order() throws {
    let source = try HDF5Source(HDF5Fixture.path("types-little.h5"))
    #expect(
      source.tensors.prefix(4).map(\.name) == ["a.float64", "a.float32", "a.float16", "a.int64"])
    #expect(source.files == [SourceFile(name: "types-little.h5", bytes: 22008)])
    #expect(source.location == HDF5Fixture.path("types-little.h5"))
  }

  @Test("stored bytes are those of the compressed chunks, in shards too")
  func storedBytes() throws {
    let source = try HDF5Source(HDF5Fixture.path("keras2-weights.h5"))
    #expect(source.tensors.allSatisfy { source.storedBytes(of: $0) == $0.byteCount })
    let gzip = try HDF5Source(HDF5Fixture.path("types-gzip.h5"))
    // Each of four bytes' checksum, and random numbers do not compress.
    let tensor = try #require(gzip.tensors["a.uint8"])
    #expect((106...140).contains(gzip.storedBytes(of: tensor)) && tensor.byteCount == 105)
    let shards = try ShardedSource(location: "shards", shards: [gzip])
    #expect(shards.storedBytes(of: tensor) == gzip.storedBytes(of: tensor))
  }
}
