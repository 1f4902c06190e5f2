#if HDF5
/// The superblock, which is the first block of an HDF5 file, read without the library. It tells whether this
/// is an HDF5 file, and whether the file is complete. The corresponding part of the file format specification
/// is II.A.
struct HDF5Superblock {
  /// The reader of further fields of the file.
  let fields: HDF5Fields
  /// The address of the root group's header.
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
    // The bytes of an address are at offset 13 in versions 0 and 1, and at 9 in versions 2 and 3.
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
    // The addresses in their order: the base; the free space, or from version 2 on the extension; the end of
    // the file; before version 2, the driver's block; the root group.
    let base = try address(0)
    let end = try address(2)
    guard end >= base else {
      throw .hdf5(.invalid("its superblock says that the file ends before it begins"))
    }
    // The base may be wrong: a user block in front may have been added or removed since the file was written.
    let declared = (end - base).addingReportingOverflow(UInt64(position))
    guard !declared.overflow, declared.partialValue <= UInt64(file.byteCount) else {
      throw .hdf5(
        .cutShort(
          declared: declared.overflow ? .max : declared.partialValue, fileBytes: file.byteCount))
    }
    // The driver's block, or the extension. Either may make the library read in ways that are not checked here.
    guard try address(version < 2 ? 3 : 1) == HDF5Fields.undefined else {
      throw .hdf5(
        .invalid(
          "its superblock refers to a block with further settings, which is not read here; copy the datasets into a new file, written with the defaults"
        ))
    }
    // In versions 0 and 1, the root is an entry of a group, whose first field is a name.
    self.rootAddress = try address(version < 2 ? 5 : 3)
    self.fields = HDF5Fields(
      file: file, base: position, addressBytes: addressBytes, lengthBytes: lengthBytes)
  }
}
#endif
