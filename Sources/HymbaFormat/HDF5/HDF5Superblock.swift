#if HDF5
/// The first block of an HDF5 file, read without the library: whether it is one, and whether all of it is
/// there. The corresponding part of the file format specification is II.A.
struct HDF5Superblock {
  /// How to read further parts of the file.
  let fields: HDF5Fields
  /// Where the header of the root group is.
  let rootAddress: UInt64

  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/invalid(_:)`` or
  ///   ``HDF5Problem/cutShort(declared:fileBytes:)``.
  init(reading file: InputFile) throws(FormatError) {
    guard let position = try HDF5Signature.position(in: file) else {
      throw .hdf5(.invalid("it has no HDF5 signature"))
    }
    let block = try file.bytes(at: position, count: min(96, file.byteCount - position))
    func byte(_ offset: Int) throws(FormatError) -> UInt8 {
      guard offset < block.count else {
        throw .hdf5(.invalid("it ends within its superblock"))
      }
      return block[offset]
    }
    let version = try byte(8)
    // Bytes of an address: at 13 in versions 0 and 1, at 9 in versions 2 and 3.
    guard version <= 3 else {
      throw .hdf5(.invalid("its superblock has the version \(version), and 0 to 3 are known"))
    }
    let addressBytes = Int(try byte(version < 2 ? 13 : 9))
    let lengthBytes = Int(try byte(version < 2 ? 14 : 10))
    guard addressBytes == 8, lengthBytes == 8 else {
      throw .hdf5(
        .invalid(
          "it has addresses of \(addressBytes) and lengths of \(lengthBytes) bytes; both have 8 in the files that are read here"
        ))
    }
    func address(_ index: Int) throws(FormatError) -> UInt64 {
      let start = (version == 0 ? 24 : version == 1 ? 28 : 12) + index * addressBytes
      _ = try byte(start + addressBytes - 1)
      return block[start..<start + addressBytes].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    // Base address, then that of the free space or the extension, then the end; then, before version 2, a driver's.
    let base = try address(0)
    let end = try address(2)
    guard end >= base else {
      throw .hdf5(.invalid("its superblock says that the file ends before it begins"))
    }
    // A block in front may have been added or taken away since.
    let declared = (end - base).addingReportingOverflow(UInt64(position))
    guard !declared.overflow, declared.partialValue <= UInt64(file.byteCount) else {
      throw .hdf5(
        .cutShort(
          declared: declared.overflow ? .max : declared.partialValue, fileBytes: file.byteCount))
    }
    // The driver's block, or the extension: either may make the library read in another way than is checked here.
    guard try address(version < 2 ? 3 : 1) == HDF5Fields.undefined else {
      throw .hdf5(
        .invalid(
          "its superblock refers to a block with further settings, which is not read here; copy the datasets into a new file, written with the defaults"
        ))
    }
    // In versions 0 and 1 as an entry of a group, whose first field is a name.
    self.rootAddress = try address(version < 2 ? 5 : 3)
    self.fields = HDF5Fields(
      file: file, base: position, addressBytes: addressBytes, lengthBytes: lengthBytes)
  }
}
#endif
