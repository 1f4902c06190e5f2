/// The bytes by which an HDF5 file is recognized. That takes no library: a build without the package's trait
/// HDF5 can still say what a file is.
package enum HDF5Signature {
  private static let bytes: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Whether `file` has the signature, at its beginning or after a user block, which is another program's.
  /// - Throws: ``FormatError`` where the file cannot be read.
  package static func isIn(_ file: InputFile) throws(FormatError) -> Bool {
    try position(in: file) != nil
  }

  /// The offset of the superblock in bytes: 0, 512, 1024, 2048, …; nil when `file` has no HDF5 data.
  static func position(in file: InputFile) throws(FormatError) -> Int? {
    var position = 0
    while position <= Limits.hdf5UserBlock, position <= file.byteCount - bytes.count {
      if try file.bytes(at: position, count: bytes.count) == bytes { return position }
      position = position == 0 ? 512 : position * 2
    }
    return nil
  }
}
