import HymbaFormat
import TestSupport

/// The files of `Tests/Fixtures/hdf5`.
enum HDF5Fixture {
  /// One Edifice checkpoint, written in many ways.
  static let edifice = [
    "flat.h5", "nested.h5", "big-endian.h5", "keras2-weights.h5", "keras2-model.h5",
  ]

  /// Every element type, written in many ways.
  static let types = [
    "types-little.h5", "types-big.h5", "types-chunked.h5", "types-gzip.h5", "types-tiles.h5",
  ]

  /// Every file, those that are refused too.
  static var all: [String] {
    get throws {
      func names(_ folder: String) throws -> [String] {
        try FileSystem.entries(of: path(folder)).filter { $0.hasSuffix(".h5") }.map { folder + $0 }
      }
      return (try names("") + names("keras/") + names("refused/")).sorted()
    }
  }

  static func path(_ name: String) -> String { Fixture.path("hdf5", name) }

  static func bytes(_ name: String) throws -> [UInt8] {
    try InputFile.contents(of: path(name), limit: 1 << 20)
  }
}

extension CheckpointSource {
  /// A part of a tensor.
  func bytes(of tensor: TensorDescriptor, _ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](count: range.count) { try read(tensor, from: range.lowerBound, into: &$0) }
  }
}
