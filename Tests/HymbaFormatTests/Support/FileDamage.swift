import Foundation

/// Cuts a file, or makes it longer with zeros that take no disk space.
func cutFile(_ path: String, to byteCount: Int) throws {
  let file = try FileHandle(forWritingTo: URL(filePath: path))
  defer { try? file.close() }
  try file.truncate(atOffset: UInt64(byteCount))
}

/// Overwrites bytes of a file in place.
func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) throws {
  let file = try FileHandle(forWritingTo: URL(filePath: path))
  defer { try? file.close() }
  try file.seek(toOffset: UInt64(offset))
  try file.write(contentsOf: bytes)
}
