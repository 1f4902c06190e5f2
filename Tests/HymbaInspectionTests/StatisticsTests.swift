import Foundation
import HymbaConversion
import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaInspection

/// Statistics against those that NumPy computed, which `Tests/Fixtures/statistics/make_fixtures.py` wrote.
@Suite("Statistics of tensors")
struct StatisticsTests {
  struct Expected: Decodable {
    let sha256: String
    let count: Int
    let nanCount: Int
    let infiniteCount: Int
    let zeroShare: Double
    let mean: Double?
    let std: Double?
    let min: Double?
    let max: Double?
    let quantiles: [Quantile]
    let effectiveBits: Int
    let histogram: Histogram?

    struct Quantile: Decodable {
      let share: Double
      let value: Double
    }

    struct Histogram: Decodable {
      let lower: Double
      let upper: Double
      let counts: [Int]
      let below: Int
      let above: Int
    }
  }

  static func read<Value: Decodable>(_ file: String) throws -> Value {
    try JSONDecoder().decode(
      Value.self, from: Data(contentsOf: URL(filePath: Fixture.path("statistics", file))))
  }

  private let source: SafetensorsSource
  private let expected: [String: Expected]

  init() throws {
    source = try SafetensorsSource(Fixture.path("statistics", "values.safetensors"))
    expected = try Self.read("expected.json")
  }

  /// Compares all but the quantiles and the histogram.
  private func expectCounts(_ found: TensorStatistics, _ wanted: Expected, _ name: String) {
    #expect(found.count == wanted.count, "\(name)")
    #expect(found.nanCount == wanted.nanCount && found.infiniteCount == wanted.infiniteCount, "\(name)")
    #expect(found.zeroShare == wanted.zeroShare, "\(name)")
    #expect(found.effectiveBits == wanted.effectiveBits, "\(name)")
    #expect(found.min == wanted.min && found.max == wanted.max, "\(name)")
    expectNear(found.mean, wanted.mean, wanted, name)
    expectNear(found.std, wanted.std, wanted, name)
  }

  /// The rounding of sums of 64-bit floats.
  private func expectNear(_ found: Double?, _ wanted: Double?, _ all: Expected, _ name: String) {
    guard let wanted else {
      #expect(found == nil, "\(name)")
      return
    }
    let size = Swift.max(abs(all.min ?? 0), abs(all.max ?? 0))
    #expect(abs((found ?? .nan) - wanted) <= 1e-13 * size, "\(name)")
  }

  private func expectExact(_ found: TensorStatistics, _ wanted: Expected, _ name: String) {
    expectCounts(found, wanted, name)
    #expect(found.quantileError == 0)
    #expect(found.quantiles.map(\.share) == wanted.quantiles.map(\.share))
    for (own, other) in zip(found.quantiles, wanted.quantiles) {
      expectNear(own.value, other.value, wanted, name)
    }
    #expect(found.histogram?.counts == wanted.histogram?.counts, "\(name)")
    #expect(found.histogram?.below == wanted.histogram?.below, "\(name)")
    #expect(found.histogram?.above == wanted.histogram?.above, "\(name)")
    expectNear(found.histogram?.lower, wanted.histogram?.lower, wanted, name)
    expectNear(found.histogram?.upper, wanted.histogram?.upper, wanted, name)
  }

  @Test("small tensors of every type are as NumPy says, and so are their digests", arguments: [1, 3])
  func small(_ jobs: Int) throws {
    let results = try ParameterPass(makesDigests: true).results(
      of: Array(source.tensors), in: source, jobs: jobs)
    #expect(results.count == expected.count && expected.count == 19)
    for (name, wanted) in expected {
      let result = try #require(results[name])
      let statistics = try #require(result.statistics)
      let digest = try #require(result.sha256)
      expectExact(statistics, wanted, name)
      #expect(digest.description == wanted.sha256, "\(name)")
    }
  }

  @Test("values that are counted by their words are exact too, and others near by the error that is said")
  func counted() throws {
    var pass = ParameterPass()
    pass.keptValues = -1
    let results = try pass.results(of: Array(source.tensors), in: source, jobs: 2)
    for tensor in source.tensors {
      let wanted = try #require(expected[tensor.name])
      let result = try #require(results[tensor.name])
      let found = try #require(result.statistics)
      let bytes = try source.bytes(of: tensor)
      if tensor.type.byteSize <= 2 {
        expectExact(found, wanted, tensor.name)
      } else {
        expectNear(found, wanted, ElementValues.doubles(bytes.raw, tensor.type), tensor.name)
      }
    }
  }

  /// Compares the quantiles of values that are known to 2^-10 of themselves.
  private func expectNear(
    _ found: TensorStatistics, _ wanted: Expected, _ all: [Double], _ name: String
  ) {
    expectCounts(found, wanted, name)
    #expect(found.quantileError == 0x1p-10)
    let values = all.filter(\.isFinite).sorted()
    for (own, other) in zip(found.quantiles, wanted.quantiles) {
      // A quantile lies between two values, each of which is known to the error.
      let rank = Int(Double(values.count - 1) * own.share)
      let next = Swift.min(rank + 1, values.count - 1)
      let size = Swift.max(abs(values[rank]), abs(values[next]))
      #expect(abs(own.value - other.value) <= 0x1p-10 * size + 0x1p-136, "\(name) \(own.share)")
    }
    var total = 0
    if let histogram = found.histogram {
      total = histogram.counts.reduce(0, +) + histogram.below + histogram.above
    }
    #expect(total == wanted.count - wanted.nanCount - wanted.infiniteCount, "\(name)")
  }

  @Test("pieces in any order give the same", arguments: [ValueTally.Form.values, .words, .keys])
  func pieces(_ form: ValueTally.Form) throws {
    let tensor = try #require(source.tensors[form == .words ? "BF16" : "holes"])
    let bytes = try source.bytes(of: tensor)
    let size = tensor.type.byteSize
    let bounds = [0, 1, 64, 65, 700, tensor.shape.elementCount].map { $0 * size }
    let pieces = zip(bounds, bounds.dropFirst()).map { start, end in
      ValueTally(tensor.type, form, Array(bytes[start..<end]).raw, at: start)
    }
    func statistics(_ pieces: [ValueTally]) -> TensorStatistics {
      var all = ValueTally(tensor.type, form)
      for piece in pieces { all.add(piece) }
      return TensorStatistics(all, isExact: form != .keys)
    }
    let first = statistics(pieces)
    #expect(first == statistics(pieces.reversed()))
    #expect(first == statistics([3, 0, 4, 2, 1].map { pieces[$0] }))
    let wanted = try #require(expected[tensor.name])
    expectCounts(first, wanted, tensor.name)
  }

  @Test("keys are in the order of the numbers, and each number lies in the range of its key")
  func keys() {
    let numbers: [Float] = [
      -.greatestFiniteMagnitude, -1.5, -1, -1e-20, -.leastNonzeroMagnitude, .leastNonzeroMagnitude,
      0x1p-133, 1e-20, 0.1, 1, 1.0009765625, 3, .greatestFiniteMagnitude,
    ]
    let keys = numbers.map(FloatKey.key)
    #expect(keys == keys.sorted() && keys.allSatisfy { (0..<FloatKey.count).contains($0) })
    for number in numbers {
      let range = FloatKey.range(FloatKey.key(number))
      #expect(range.contains(Double(number)), "\(number)")
      let width = range.upperBound - range.lowerBound
      #expect(width <= Swift.max(FloatKey.relativeWidth * abs(Double(number)), 0x1p-136))
    }
  }

  @Test("whole numbers have no statistics, and a digest")
  func integers() throws {
    let source = try MemorySource([.init("ids", .int32, [1], [1, 0, 0, 0])])
    let result = try ParameterPass(makesDigests: true).results(
      of: Array(source.tensors), in: source, jobs: 1)["ids"]
    #expect(result?.statistics == nil && result?.sha256 != nil)
  }

  @Test("an error of reading a tensor is thrown")
  func damaged() throws {
    let folder = try AuditedFolder("mamba-tiny")
    let name = "model.safetensors"
    try folder.change(name) { _ in }
    let source = try SafetensorsSource(folder.folder.file(name))
    let file = try FileHandle(forWritingTo: URL(filePath: folder.folder.file(name)))
    try file.truncate(atOffset: 9000)
    try file.close()
    #expect(throws: (any Error).self) {
      _ = try ParameterPass().results(of: Array(source.tensors), in: source, jobs: 2)
    }
  }

  // MARK: Logical parts

  @Test(
    "the parts of fused weights are as NumPy says of the original's rows",
    arguments: ["hymba-nvidia-tiny", "mamba2-tiny", "jamba-tiny", "zamba-tiny"])
  func parts(_ set: String) throws {
    let wanted: [String: [String: [String: Expected]]] = try Self.read("parts.json")
    let model = try OpenedModel.open(ModelInput(paths: [Fixture.folder(set)]), OpeningOptions())
    let (architecture, inventory) = try model.requireArchitecture(for: "parts")
    let results = try ParameterPass().results(
      of: Array(model.parameters.tensors), in: model.parameters, jobs: 2,
      parts: { tensor in
        inventory[tensor.name].map { TensorPart.parts(of: $0, in: architecture) } ?? []
      })
    let tensors = try #require(wanted[set])
    for (tensor, parts) in tensors {
      let targets = model.mapping.filter { $0.from == [tensor] }.flatMap(\.to)
      var found: [String: TensorStatistics] = [:]
      for target in targets {
        let result = try #require(results[target])
        for part in result.parts { found[part.name] = part.statistics }
        // NVIDIA's projection of attention is split by the layout already.
        if result.parts.isEmpty, let word = target.split(separator: ".").dropLast().last {
          found[String(word.prefix(1))] = result.statistics
        }
        let sum = result.parts.reduce(0) { $0 + $1.statistics.count }
        #expect(result.parts.isEmpty || sum == result.statistics?.count)
      }
      #expect(Set(found.keys) == Set(parts.keys), "\(tensor)")
      for (name, part) in parts {
        let own = try #require(found[name])
        expectExact(own, part, "\(tensor) \(name)")
      }
    }
  }
}
