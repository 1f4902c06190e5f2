import HymbaFormat
import TestSupport
import Testing

/// Every file of the fixtures, damaged in many ways, gives an error or tensors, and never a trap.
@Suite("Damaged HDF5 files", .timeLimit(.minutes(5)))
struct HDF5RobustnessTests {
  private static let seed: UInt64 = 20_261_124
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a file that is cut at any length is refused", arguments: try HDF5Fixture.all)
  func cut(_ name: String) throws {
    let bytes = try HDF5Fixture.bytes(name)
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46]
    let start = bytes.starts(with: signature) ? 0 : 512
    let path = try folder.write(bytes, to: "x.h5")
    for length in stride(from: bytes.count - 1, through: 0, by: -max(1, bytes.count / 50)) {
      try cutFile(path, to: length)
      let error = #expect(throws: FormatError.self, "cut to \(length)") { try HDF5Source(path) }
      switch error {
      case .hdf5(.cutShort(_, let found)): #expect(found == length)
      case .hdf5(.invalid): #expect(length < start + 96)
      default: Issue.record("cut to \(length): \(String(describing: error))")
      }
    }
  }

  @Test("single bytes that changed give errors or tensors", arguments: try HDF5Fixture.all)
  func bytes(_ name: String) throws {
    let original = try HDF5Fixture.bytes(name)
    var random = Random(Self.seed)
    for round in 0..<40 {
      var bytes = original
      // The structure is in front and between the data: every second round stays near the beginning.
      let reach = round.isMultiple(of: 2) ? min(bytes.count, 4096) : bytes.count
      for _ in 0...random.next(below: 3) {
        bytes[random.next(below: reach)] = UInt8(truncatingIfNeeded: random.next())
      }
      try read(bytes)
    }
  }

  @Test(
    "addresses that are undefined and now almost are give errors or tensors",
    arguments: try HDF5Fixture.all)
  func undefinedAddresses(_ name: String) throws {
    let original = try HDF5Fixture.bytes(name)
    let runs = original.indices.dropLast(7).filter { start in
      original[start..<start + 8].allSatisfy { $0 == 0xFF }
    }
    for start in sample(runs, 15) {
      // 64 before the largest number: what the library reads there ends at the undefined address.
      for (index, value) in [(0, 0xBF), (0, 0xF7), (3, 0xBF), (7, 0x7F)] as [(Int, UInt8)] {
        var bytes = original
        bytes[start + index] = value
        try read(bytes)
      }
    }
  }

  @Test(
    "addresses that lead elsewhere in the file, or out of it, give errors or tensors",
    arguments: try HDF5Fixture.all)
  func otherAddresses(_ name: String) throws {
    let original = try HDF5Fixture.bytes(name)
    // What may be addresses: whole numbers of eight bytes below the file's end.
    let places = original.indices.dropLast(7).filter { start in
      let value = Int(clamping: number(original, start))
      return value >= 48 && value < original.count
    }
    var random = Random(Self.seed)
    for place in sample(places, 40) {
      let other = places[random.next(below: places.count)]
      let values = [
        number(original, other), UInt64(other), UInt64(place), UInt64(original.count - 1),
        UInt64.max - UInt64(random.next(below: 600)), UInt64(Int64.max) - 8,
      ]
      var bytes = original
      let value = values[random.next(below: values.count)]
      for index in 0..<8 {
        bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
      }
      try read(bytes)
    }
  }

  /// At most `count` of `places`, evenly spread.
  private func sample(_ places: [Int], _ count: Int) -> [Int] {
    guard places.count > count else { return places }
    return (0..<count).map { places[$0 * places.count / count] }
  }

  private func number(_ bytes: [UInt8], _ start: Int) -> UInt64 {
    bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private func read(_ bytes: [UInt8]) throws {
    let path = try folder.write(bytes, to: "x.h5")
    do {
      let source = try HDF5Source(path)
      for tensor in source.tensors where tensor.byteCount < 1 << 20 {
        _ = try source.bytes(of: tensor)
      }
    } catch is any Diagnosis {}
  }
}
