/// The header of a safetensors file. Making one checks that it is valid.
///
/// It checks everything that the format's own reader checks: header size, UTF-8, element types, sizes, and
/// offsets without holes, overlaps or a remainder. It also refuses what that reader accepts: duplicate names,
/// and a header that does not start with `{`.
package struct SafetensorsHeader: Sendable {
  /// The tensors, in the order of their data in the file.
  package let tensors: TensorTable
  /// The byte offset of each tensor's data from the start of the file, in the order of ``tensors``.
  package let offsets: [Int]
  package let metadata: NameTable<String>
  /// The bytes before the data: eight for the length, then the JSON text.
  package let dataOffset: Int

  /// Reads the header of `file`.
  /// - Throws: ``FormatError`` when the header is not valid, or does not fit the size of the file.
  /// - Complexity: Reads and parses the header, and sorts its tensors by their offsets.
  package init(reading file: InputFile) throws(FormatError) {
    guard file.byteCount >= 8 else {
      throw .notSafetensors("it has \(file.byteCount) bytes, and the header's length alone takes 8")
    }
    let prefix = try file.bytes(at: 0, count: 8)
    let declared = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard declared <= UInt64(Limits.safetensorsHeaderBytes) else {
      throw .headerTooLarge(declared: declared, limit: Limits.safetensorsHeaderBytes)
    }
    let length = Int(declared)
    guard length <= file.byteCount - 8 else {
      throw .headerBeyondFile(declared: declared, fileBytes: file.byteCount)
    }
    let text = try file.bytes(at: 8, count: length)
    try self.init(text: text, dataBytes: file.byteCount - 8 - length)
  }

  /// Parses a header.
  /// - Parameters:
  ///   - text: The JSON text, with its padding.
  ///   - dataBytes: The bytes of the file after the header.
  /// - Throws: ``FormatError`` when the header is not valid, or does not fit `dataBytes`.
  package init(text: [UInt8], dataBytes: Int) throws(FormatError) {
    guard text.first == UInt8(ascii: "{") else {
      throw .notSafetensors("its header does not start with “{”")
    }
    var entries: [SafetensorsEntry] = []
    var metadata: NameTable<String> = [:]
    do throws(FormatError) {
      var reader = try JSONReader(text)
      try reader.readObject { reader, name throws(FormatError) in
        if name == SafetensorsWriter.metadataKey {
          // The format's own reader accepts null for no metadata.
          guard try reader.peek() != .null else { return try reader.readNull() }
          try reader.readObject { reader, key throws(FormatError) in
            metadata[key] = try reader.readString()
          }
        } else {
          entries.append(try SafetensorsEntry(name: name, from: &reader))
        }
      }
      try reader.finish()
    } catch {
      switch error {
      case .json(.notUTF8, let offset): throw .headerNotUTF8(offset: offset)
      case .json(let problem, let offset):
        throw .notSafetensors("\(problem) at byte \(offset) of its header")
      default: throw error
      }
    }
    // Zero-size tensors sort before the tensor that begins at the same place.
    entries.sort { ($0.begin, $0.end) < ($1.begin, $1.end) }
    try Self.checkCoverage(entries, dataBytes: dataBytes)

    let dataOffset = 8 + text.count
    self.tensors = try TensorTable(entries.map(\.descriptor))
    self.offsets = entries.map { dataOffset + $0.begin }
    self.metadata = metadata
    self.dataOffset = dataOffset
  }

  /// Makes sure that every byte of the data belongs to exactly one tensor.
  private static func checkCoverage(
    _ entries: [SafetensorsEntry], dataBytes: Int
  ) throws(FormatError) {
    var expected = 0
    for entry in entries {
      let name = entry.descriptor.name
      if entry.begin > expected {
        throw .hole(before: name, expected: expected, found: entry.begin)
      }
      if entry.begin < expected {
        throw .overlap(tensor: name, expected: expected, found: entry.begin)
      }
      guard entry.end <= dataBytes else {
        throw .dataBeyondFile(tensor: name, end: entry.end, available: dataBytes)
      }
      expected = entry.end
    }
    guard expected == dataBytes else { throw .trailingBytes(dataBytes - expected) }
  }
}

/// The entry of one tensor in the header.
private struct SafetensorsEntry {
  let descriptor: TensorDescriptor
  let begin: Int
  let end: Int

  init(name: String, from reader: inout JSONReader) throws(FormatError) {
    var typeName: String?
    var dimensions: [Int]?
    var range: [Int]?
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "dtype": typeName = try reader.readString()
      case "shape": dimensions = try reader.readDimensions()
      case "data_offsets": range = try reader.readDimensions()
      default: throw .json(.expected("only dtype, shape and data_offsets"), offset: reader.offset)
      }
    }
    guard let typeName else { throw .missingField(tensor: name, field: "dtype") }
    guard let dimensions else { throw .missingField(tensor: name, field: "shape") }
    guard let range, range.count == 2 else {
      throw .missingField(tensor: name, field: "data_offsets")
    }
    guard let type = ElementType(rawValue: typeName) else {
      throw .unknownElementType(tensor: name, type: typeName)
    }
    let (begin, end) = (range[0], range[1])
    guard begin >= 0, end >= begin else {
      throw .offsetsReversed(tensor: name, begin: begin, end: end)
    }
    let descriptor = try TensorDescriptor(name: name, type: type, dimensions: dimensions)
    guard end - begin == descriptor.byteCount else {
      throw .sizeMismatch(
        tensor: name, type: typeName, shape: descriptor.shape.description,
        expected: descriptor.byteCount, found: end - begin)
    }
    self.descriptor = descriptor
    self.begin = begin
    self.end = end
  }
}
