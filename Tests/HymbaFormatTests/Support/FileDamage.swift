import SystemPackage

/// Cuts a file, or makes it longer with zeros that take no disk space.
func cutFile(_ path: String, to byteCount: Int) throws {
  let descriptor = try FileDescriptor.open(FilePath(path), .writeOnly)
  try descriptor.closeAfter { try descriptor.resize(to: Int64(byteCount)) }
}

/// Overwrites bytes of a file in place.
func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) throws {
  let descriptor = try FileDescriptor.open(FilePath(path), .writeOnly)
  try descriptor.closeAfter { _ = try descriptor.writeAll(toAbsoluteOffset: Int64(offset), bytes) }
}
