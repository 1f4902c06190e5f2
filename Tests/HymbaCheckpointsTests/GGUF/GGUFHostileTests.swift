import Foundation
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

/// The hostile files, each as its list says.
@Suite struct GGUFHostileTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let file: String
    let expect: String

    var testDescription: String { file }
  }

  private struct List: Decodable {
    let cases: [Case]
  }

  static func cases(_ folder: String) -> [Case] {
    let data = try? Data(contentsOf: URL(filePath: Fixture.path("gguf", "\(folder)/cases.json")))
    return data.flatMap { try? JSONDecoder().decode(List.self, from: $0) }?.cases ?? []
  }

  private func message(_ path: String) -> String? {
    refusal {
      let source = try GGUFSource(path)
      for tensor in source.tensors { _ = try source.bytes(of: tensor) }
    }
  }

  @Test("the lists are there")
  func lists() { #expect(Self.cases("hostile").count == 44 && Self.cases("hostile-model").count == 16) }

  @Test("a hostile file is read or refused as its list says", arguments: cases("hostile"))
  func hostile(_ hostile: Case) throws {
    let message = message(Fixture.path("gguf", "hostile/\(hostile.file)"))
    #expect(message == Self.messages[hostile.file])
    #expect((message == nil) == (hostile.expect == "accept"))
  }

  @Test("a file that is wrong as a model alone is read", arguments: cases("hostile-model"))
  func model(_ hostile: Case) throws {
    #expect(message(Fixture.path("gguf", "hostile-model/\(hostile.file)")) == nil)
  }

  private static let messages: [String: String] = [
    "alignment-1073741824.gguf":
      "the key “general.alignment” must be a power of two up to 1048576, of 32 bits, and is 1073741824",
    "alignment-12.gguf":
      "the key “general.alignment” must be a power of two up to 1048576, of 32 bits, and is 12",
    "alignment-3.gguf":
      "the key “general.alignment” must be a power of two up to 1048576, of 32 bits, and is 3",
    "alignment-string.gguf":
      "the key “general.alignment” must be a power of two up to 1048576, of 32 bits, and is “32”",
    "array-of-arrays.gguf":
      "the key “a” holds an array of arrays, which is not read",
    "array-type-99.gguf":
      "the key “a” has a value of type 99, which GGUF does not have",
    "array-wrap.gguf":
      "the array of the key “a” has a length of 2305843009213693952, and 34 bytes are left",
    "big-endian.gguf":
      "this is a big-endian GGUF file, which is not read; make it little-endian with gguf-convert-endian FILE little",
    "bool-2.gguf":
      "the key “a” holds the byte 2 for true or false, and must hold 0 or 1",
    "data-claims-1tb.gguf":
      "the tensor “a” ends at byte 1099511627776 of the data, but the file holds 32",
    "data-cut.gguf":
      "the tensor “a” ends at byte 32 of the data, but the file holds 31",
    "dim-product-small.gguf":
      "the shape [2147483648, 8589934596] of the tensor “a” has more elements than 63 bits count",
    "dim-product-wrap.gguf":
      "the shape [4294967296, 4294967296] of the tensor “a” has more elements than 63 bits count",
    "dim-zero.gguf":
      "the tensor “a” has the dimensions [4, 0], and each must be at least 1",
    "dims-max.gguf":
      "the tensor “a” has 4294967295 dimensions; a GGUF file has 1 to 4",
    "empty.gguf":
      "not a GGUF file: it does not begin with “GGUF”",
    "key-empty.gguf":
      "key 2 is empty",
    "key-length-1gib.gguf":
      "key 2 has a length of 1073741824, and 19 bytes are left",
    "key-length-2e63.gguf":
      "key 2 has a length of 9223372036854775808, and 19 bytes are left",
    "key-not-utf8.gguf":
      "key 2 is not UTF-8",
    "keys-2e40.gguf":
      "declares 1099511627776 keys, and 72 bytes are left, which hold no such number",
    "magic-lower.gguf":
      "not a GGUF file: it does not begin with “GGUF”",
    "name-length-2e62.gguf":
      "the name of tensor 1 has a length of 4611686018427387904, and 51 bytes are left",
    "name-twice.gguf":
      "the tensor “a” is listed twice",
    "offset-overlap.gguf":
      "the tensor “b” begins at byte 0 of the data, and must begin at 32, behind the tensors before it",
    "offset-past-end.gguf":
      "the tensor “a” begins at byte 64 of the data, and must begin at 0, behind the tensors before it",
    "offset-wrap.gguf":
      "the tensor “a” begins at byte 18446744073709551584 of the data, and must begin at 0, behind the tensors before it",
    "row-k.gguf":
      "the tensor “a” has rows of 128 elements, and Q4_K stores blocks of 256",
    "row-not-blocks.gguf":
      "the tensor “a” has rows of 33 elements, and Q4_0 stores blocks of 32",
    "short-header.gguf":
      "the file ends early: within the header, at byte 20",
    "split-alone.gguf":
      "the file says that it is part 1 of 3, so its name must end in -00001-of-00003.gguf for the other parts to be found",
    "string-length-wrap.gguf":
      "a text of the key “a” has a length of 18446744073709551608, and 6 bytes are left",
    "tensors-max.gguf":
      "declares -1 tensors, and 136 bytes are left, which hold no such number",
    "tensors-one-more.gguf":
      "the name of tensor 2 is empty",
    "type-16.gguf":
      "the tensor “a” is stored as IQ2_XXS, which is not read; make a file of another type with llama-quantize --allow-requantize FILE NEW Q8_0, or name the checkpoint that it was made from",
    "type-36.gguf":
      "the tensor “a” is stored as IQ4_NL_4_4, which was removed from GGUF; name the checkpoint that it was made from",
    "type-5.gguf":
      "the tensor “a” is stored as Q4_3, which was removed from GGUF; name the checkpoint that it was made from",
    "type-999.gguf":
      "the tensor “a” has the type 999, which is not known here",
    "version-4.gguf":
      "has version 4 of GGUF, and versions 2 and 3 are read",
  ]
}
