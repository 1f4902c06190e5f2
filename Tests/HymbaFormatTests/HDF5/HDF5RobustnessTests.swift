import HymbaFormat
import TestSupport
import Testing

/// Damaged files give errors or tensors, never a trap.
@Suite("Damaged HDF5 files")
struct HDF5RobustnessTests {
  private static let files = [
    "flat.h5", "nested.h5", "keras2-model.h5", "types-gzip.h5", "types-chunked.h5", "links.h5",
    "attributes.h5", "szip.h5",
  ]
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a file that is cut at any length is refused", arguments: files)
  func cut(_ name: String) throws {
    let bytes = try HDF5Fixture.bytes(name)
    let path = try folder.write(bytes, to: "x.h5")
    for length in stride(from: bytes.count - 1, through: 0, by: -61) {
      try cutFile(path, to: length)
      let error = #expect(throws: FormatError.self, "cut to \(length)") { try HDF5Source(path) }
      switch error {
      case .hdf5(.cutShort(_, let found)): #expect(found == length)
      case .hdf5(.invalid): #expect(length < 96)
      default: Issue.record("cut to \(length): \(String(describing: error))")
      }
    }
  }

  @Test("random changes give errors or tensors", arguments: files)
  func changed(_ name: String) throws {
    let original = try HDF5Fixture.bytes(name)
    var random = Random(20_261_124)
    for round in 0..<120 {
      var bytes = original
      // The structure is in front and between the data: every second round stays near the beginning.
      let reach = round.isMultiple(of: 2) ? min(bytes.count, 4096) : bytes.count
      for _ in 0...random.next(below: 3) {
        bytes[random.next(below: reach)] = UInt8(truncatingIfNeeded: random.next())
      }
      try read(bytes)
    }
  }

  @Test("large numbers where addresses, lengths and counts are give errors or tensors")
  func largeNumbers() throws {
    let original = try HDF5Fixture.bytes("keras2-model.h5")
    var random = Random(3)
    for _ in 0..<200 {
      var bytes = original
      let start = random.next(below: 8192)
      for index in 0..<8 { bytes[start + index] = index == 7 ? 0x7F : 0xFF }
      try read(bytes)
    }
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
