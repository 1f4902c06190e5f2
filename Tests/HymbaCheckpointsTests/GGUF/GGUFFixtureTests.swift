import Foundation
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaCheckpoints

/// Files that llama.cpp wrote, against what the gguf package and ggml's C code read from them.
@Suite struct GGUFFixtureTests {
  static let files: [String] = [
    "bamba-tiny/bamba-tiny-bf16", "falcon-h1-tiny/falcon-h1-tiny-f32", "falcon-mamba-tiny/falcon-mamba-tiny-f32",
    "granite-hybrid-tiny/granite-hybrid-tiny-q8_0", "jamba-tiny/jamba-tiny-f32",
    "jamba-tiny/jamba-tiny-q8_0", "jamba-wide/jamba-wide-q4_k_m", "mamba-tiny/mamba-tiny-f16",
    "mamba-tiny/mamba-tiny-q4_0", "mamba2-tiny/mamba2-tiny-f32",
    "nemotron-h-dense/nemotron-h-dense-f32", "nemotron-h-moe/nemotron-h-moe-q8_0",
    "nemotron-h-tiny/nemotron-h-tiny-f16",
  ]

  private func open(_ file: String) throws -> GGUFSource {
    try GGUFSource(Fixture.path("gguf", file + ".gguf"))
  }

  @Test("every tensor has the type, the shape and the values that the gguf package reads", arguments: files)
  func tensors(_ file: String) throws {
    let source = try open(file)
    let text = try InputFile.contents(
      of: Fixture.path("gguf", file + ".dequantised.sha256"), limit: 1 << 20)
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == source.tensors.count)
    for (line, tensor) in zip(lines, source.tensors) {
      let fields = line.split(separator: " ")
      #expect(tensor.name == fields[3])
      #expect(source.storedType(of: tensor) ?? tensor.type.rawValue == fields[1])
      #expect(tensor.shape.description.filter { $0 != " " } == fields[2])
      var bytes = try source.bytes(of: tensor)
      if tensor.type != .float32 {
        bytes = try source.floats(of: tensor).flatMap { GGUFBytes.word($0.bitPattern) }
      }
      #expect("\(SHA256Digest(of: bytes))" == fields[0], "\(tensor.name)")
    }
  }

  @Test("every type is read bit for bit, from values and from random bytes")
  func types() throws {
    let source = try open("types/types")
    let expected = try SafetensorsSource(Fixture.path("gguf", "types/types.dequantised.safetensors"))
    #expect(Set(source.tensors.map(\.name)) == Set(expected.tensors.map(\.name)))
    for tensor in source.tensors {
      let original = try #require(expected.tensors[tensor.name])
      #expect(tensor.shape == original.shape)
      guard original.type == .float32 else {
        #expect(tensor.type == original.type)
        #expect(try source.bytes(of: tensor) == expected.bytes(of: original))
        continue
      }
      let pairs = zip(try source.floats(of: tensor), try expected.floats(of: original))
      let differ = pairs.count { $0.bitPattern != $1.bitPattern && !($0.isNaN && $1.isNaN) }
      #expect(differ == 0, "\(tensor.name)")
    }
  }

  @Test("every type of key is read")
  func keys() throws {
    let source = try open("types/types")
    let data = try Data(contentsOf: URL(filePath: Fixture.path("gguf", "types/types.kv.json")))
    let expected = try JSONDecoder().decode(KeyList.self, from: data)
    #expect(Set(source.keys.names) == Set(expected.kv.keys))
    for (key, value) in expected.kv {
      let found = try #require(source.keys[key])
      #expect(value.isSame(as: found), "\(key): \(found.text)")
      #expect(source.keys.type(of: key)?.rawValue == expected.kinds[key], "\(key)")
    }
  }

  @Test("the parts of a set are the tensors of the whole file")
  func parts() throws {
    let whole = try open("mamba-tiny/mamba-tiny-f16")
    let parts = try open("split/mamba-tiny-f16-00001-of-00003")
    #expect(parts.files.map(\.name).last == "mamba-tiny-f16-00003-of-00003.gguf")
    #expect(Set(parts.tensors.map(\.name)) == Set(whole.tensors.map(\.name)))
    for tensor in parts.tensors {
      #expect(tensor.type == whole.tensors[tensor.name]?.type)
      #expect(try parts.bytes(of: tensor) == whole.bytes(of: tensor), "\(tensor.name)")
    }
    #expect(parts.metadata["general.architecture"] == "mamba")
  }
}

/// The keys as JSON.
private struct KeyList: Decodable {
  let kv: [String: Value]
  let kinds: [String: UInt32]

  enum Value: Decodable {
    case bool(Bool)
    case number(Double)
    case unsigned(UInt64)
    case signed(Int64)
    case text(String)
    case list([Value])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let bool = try? container.decode(Bool.self) {
        self = .bool(bool)
      } else if let number = try? container.decode(UInt64.self) {
        self = .unsigned(number)
      } else if let number = try? container.decode(Int64.self) {
        self = .signed(number)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .list(try container.decode([Value].self))
      }
    }

    func isSame(as value: GGUFValue) -> Bool {
      switch (self, value) {
      case (.bool(let a), .bool(let b)): a == b
      case (.unsigned(let a), .unsigned(let b)): a == b
      case (.unsigned(let a), .signed(let b)): UInt64(exactly: b) == a
      case (.signed(let a), .signed(let b)): a == b
      case (.number(let a), .float32(let b)): a == Double(b)
      case (.number(let a), .float64(let b)): a == b
      case (.unsigned(0), .float32(let b)): b == 0
      case (.text("inf"), .float32(let b)): b == .infinity
      case (.text(let a), .text(let b)): NameKey(a) == NameKey(b)
      case (.list(let a), .array(let b)):
        a.count == b.count && b.first.count == a.count && zip(a, b.first).allSatisfy { $0.isSame(as: $1) }
      default: false
      }
    }
  }
}

extension CheckpointSource {
  /// The elements of a tensor of F32, F16 or BF16.
  func floats(of tensor: TensorDescriptor) throws -> [Float] {
    let bytes = try bytes(of: tensor)
    let size = tensor.type.byteSize
    return stride(from: 0, to: bytes.count, by: size).map { start in
      let word = (0..<size).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
      return switch tensor.type {
      case .float16: Float(Float16(bitPattern: UInt16(word)))
      case .bfloat16: Float(bitPattern: word << 16)
      default: Float(bitPattern: word)
      }
    }
  }
}
