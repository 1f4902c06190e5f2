import HymbaFormat
import TestSupport
import Testing

@Suite("HDF5 files that are refused")
struct HDF5RefusalTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let file: String
    let message: String
    init(_ file: String, _ message: String) {
      self.file = file
      self.message = message
    }
    var testDescription: String { file }
  }

  private static let nowhere =
    "and so to nothing in this file; copy the dataset that it stands for into the file"

  @Test(
    "each with its reason, in one sentence",
    arguments: [
      Case("cycle", "the groups form a cycle: “/a/b/again” is “/a” again"),
      Case("soft-cycle", "the groups form a cycle: “/a/up” is “/” again"),
      Case("soft-loop", "the link “/a” leads to “/b”, \(nowhere)"),
      Case(
        "dangling",
        "the link “/w” leads to “/nothing”, \(nowhere)"),
      Case(
        "soft-external-link",
        "the link “/a” leads to “/z/final_norm.beta”, \(nowhere)"
      ),
      Case(
        "many-paths",
        "“/\(String(repeating: "l/", count: 30))r/\(String(repeating: "l/", count: 7))r” is one of more than 1024 groups that are reached by several paths"
      ),
      Case(
        "deep",
        "“\(String(repeating: "/g", count: 65))” lies deeper than the 64 groups that are accepted"),
      Case(
        "external-link",
        "“/w” is a link into another file, “../flat.h5”, which is not followed; copy the dataset into this one"
      ),
      Case(
        "external-storage",
        "the dataset “/w” has its data in another file, which is not supported; copy it into this one"),
      Case(
        "virtual",
        "the dataset “/w” is virtual, pieced together from other datasets, which is not supported; copy its data into the file"
      ),
      Case(
        "compound",
        "the dataset “/w” holds a compound type, and only numbers and booleans are tensors"),
      Case(
        "complex",
        "the dataset “/w” holds complex numbers of 16 bytes, which are not supported; store them with .astype('complex64')"
      ),
      Case("chunk-bare", "not a readable HDF5 file: an index of chunks in it is damaged"),
      Case(
        "complex-long",
        "the dataset “/w” holds complex numbers in an unusual format, which are not supported; store them with .astype('complex64')"
      ),
      Case(
        "latin-name",
        "the group “/” has an entry named b'gr\\xf6\\xdfe', which is not UTF-8, as the name of a tensor must be; rename it in Python: h5py.File(FILE, 'a')['/'].move(b'gr\\xf6\\xdfe', 'NEW NAME')"
      ),
      Case("text", "the dataset “/g/w” holds text, and only numbers and booleans are tensors"),
      Case("texts", "the dataset “/w” holds text, and only numbers and booleans are tensors"),
      Case(
        "opaque",
        "the dataset “/w” holds opaque bytes, which are not supported; give the dataset an attribute “dtype” that says what they are: bfloat16"
      ),
      Case(
        "enumeration",
        "the dataset “/w” holds an enumeration, and only numbers and booleans are tensors"),
      Case(
        "bits-unused",
        "the dataset “/w” holds integers with unused bits, which are not supported; store them as plain numbers"
      ),
      Case(
        "long-double",
        "the dataset “/w” holds floating-point numbers that are not IEEE 754's, which are not supported; store them with .astype('float64')"
      ),
      Case(
        "reference", "the dataset “/w” holds references, and only numbers and booleans are tensors"),
      Case("empty", "the dataset “/w” is declared to be empty, without a shape"),
      Case(
        "many-attributes",
        "the attributes of “/w” are stored apart from it, where they are not read, and one may say what its elements are; write at most eight"
      ),
      Case(
        "beyond-file",
        "the dataset “/w” is said to be stored in 4611686018427387904 bytes, but the file has 2444"),
      Case("nothing", "the HDF5 file holds no dataset"),
      Case(
        "unwritten",
        "the dataset “/w” was not written completely: the file has 0 of its 4000000 bytes"),
      Case(
        "unwritten-chunks",
        "the dataset “/w” was not written completely: the file has 1 of its 4 chunks"),
      Case(
        "huge",
        "the dataset “/w” was not written completely: the file has 0 of its 1099511627776 chunks"),
      Case(
        "huge-chunk",
        "the dataset “/w” is compressed in chunks of 536870912 bytes; at most 100663296 are accepted; write it in smaller chunks"
      ),
      Case(
        "bomb",
        "the dataset “/w” declares 4194304 bytes, but the 8 bytes that are stored cannot hold more than 1032 times as many"
      ),
      Case(
        "lzf",
        "the dataset “/w” is stored with the filter “lzf”, which is not supported; store it with gzip or without"
      ),
      Case(
        "scale-offset",
        "the dataset “/w” is stored with the filter “scaleoffset”, which is not supported; store it with gzip or without"
      ),
      Case(
        "marked-name",
        "the group “/” has an entry whose name has more than 256 combining marks in a row"),
      Case(
        "keras-marks",
        "a text in the attribute “layer_names” of “/” is not UTF-8, or has more than 256 combining marks in a row"
      ),
      Case(
        "many-names",
        "it claims to hold 1686110208 bytes in a file of 31596, more than 200 times its size; no trained weights do"
      ),
      Case("same-name", "the datasets “/a/b” and “/a.b” would both be the tensor “a.b”"),
      Case(
        "keras-no-weight",
        "weight_names of the Keras layer “dense” names “dense/kernel:0”, which is not there"),
      Case(
        "keras-no-layer",
        "layer_names names the Keras layer “dense”, which has no group with weight_names"),
      Case("keras-layer-twice", "this Keras file names “dense” twice"),
      Case("keras-weight-twice", "this Keras file names “/dense/dense/kernel:0” twice"),
      Case(
        "long-name",
        "the group “/” has an entry whose name has more than the 4096 bytes that are accepted"),
      Case(
        "keras-unnamed", "the dataset “/dense/other” is named by no weight_names of this Keras file"
      ),
    ])
  func refused(_ refused: Case) {
    let path = HDF5Fixture.path("refused/\(refused.file).h5")
    #expect(message { _ = try HDF5Source(path) } == refused.message)
  }

  @Test("data whose checksum is wrong is damage, found when it is read")
  func checksum() throws {
    let source = try HDF5Source(HDF5Fixture.path("refused/checksum.h5"))
    let error = #expect(throws: FormatError.self) { try source.bytes(of: source.tensors[0]) }
    #expect(
      error?.description
        == "the data of the dataset “/w” is damaged: data error detected by Fletcher32 checksum")
    #expect(error?.kind == .wrong)
  }

  @Test(
    "chunks that decode to another size than theirs are damage, before the library decodes them",
    arguments: [
      ("stream-short", "a chunk decodes to 4092 bytes instead of 4096"),
      ("stream-long", "a chunk decodes to 65536 bytes instead of 4096"),
      ("shuffle-short", "a chunk decodes to 4000 bytes instead of 4096"),
    ])
  func chunks(_ file: String, _ why: String) throws {
    let source = try HDF5Source(HDF5Fixture.path("refused/\(file).h5"))
    #expect(
      message { _ = try source.bytes(of: source.tensors[0], 0..<4) }
        == "the data of the dataset “/w” is damaged: \(why)")
  }

  @Test("a chunk whose stored bytes end early is damage, whatever its filters")
  func chunkEnds() throws {
    let source = try HDF5Source(HDF5Fixture.path("refused/chunk-ends.h5"))
    let whole = source.tensors.filter { $0.name.hasPrefix("whole.") }
    let first = try source.bytes(of: #require(whole.first))
    for tensor in whole { #expect(try source.bytes(of: tensor) == first, "\(tensor.name)") }
    let cut = source.tensors.filter { !$0.name.hasPrefix("whole.") }
    #expect(whole.count == 5 && cut.count == 25)
    for tensor in cut {
      do {
        _ = try source.bytes(of: tensor)
        Issue.record("\(tensor.name) was read")
      } catch FormatError.hdf5(.damaged(let path, _)) {
        #expect(path == "/" + tensor.name)
      }
    }
  }

  @Test("a stream of szip that ends within its size is damage, where the library has szip")
  func szip() throws {
    do {
      let source = try HDF5Source(HDF5Fixture.path("refused/szip-short.h5"))
      #expect(
        message { _ = try source.bytes(of: source.tensors[0]) }
          == "the data of the dataset “/w” is damaged: a chunk decodes to 0 bytes instead of 1024")
    } catch FormatError.hdf5(.filterMissing(let path, let filter)) {
      #expect(path == "/w" && filter == "szip")
    }
  }

  @Test("a chunk that is not there is damage, and never what memory held")
  func missingChunk() throws {
    let source = try HDF5Source(HDF5Fixture.path("refused/chunk-twice.h5"))
    let error = #expect(throws: FormatError.self) { try source.bytes(of: source.tensors[0]) }
    guard case .hdf5(.damaged("/w", _))? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(
    "every refusal of a file that cannot be read, or of what is not supported, is exit code 65",
    arguments: ["cycle", "lzf", "scale-offset", "virtual", "external-storage", "text", "complex"])
  func kind(_ file: String) {
    let error = #expect(throws: FormatError.self) {
      try HDF5Source(HDF5Fixture.path("refused/\(file).h5"))
    }
    #expect(error?.kind == .unreadable)
  }
}
