/// Writes a checkpoint as one safetensors file, in bounded memory.
public enum SafetensorsWriter {
  static let metadataKey = "__metadata__"

  /// Writes every tensor of `source` into the file `path`. As with the format's own writer, the tensors are
  /// sorted by element size, largest first, and then by name, and the header is padded to a multiple of 8
  /// bytes. So every tensor is aligned to its elements.
  ///
  /// - Parameters:
  ///   - source: The tensors, which are read in windows.
  ///   - path: Where the file is to be. Until it is complete, nothing is there.
  ///   - replace: Whether a file that exists at `path` is replaced.
  ///   - metadata: The texts of the header's `__metadata__`.
  ///   - jobs: The number of windows that are read and decoded at once.
  ///   - verifies: Whether the written file is read again and compared with the source, before it gets its
  ///     name. In any case it is opened once, to make sure that this works.
  ///   - progress: Is told the bytes that were written, and with `verifies` those that were compared, since the
  ///     last call.
  ///   - conclude: Is called when everything is written, before the file gets its name. When it throws, no file
  ///     is left.
  /// - Throws: ``FormatError/reservedName(_:)`` for a tensor named `__metadata__`, which the format reserves,
  ///   and for a name with control or format characters; ``FormatError/tooManyMarks(in:)``,
  ///   ``FormatError/headerTooLarge(declared:limit:)``, ``FormatError/notEnoughSpace(needed:available:)``,
  ///   ``FormatError/writtenDiffers(tensor:)``, ``FormatError/writtenUnreadable(_:)``, and the errors of
  ///   `OutputFile` and of the source.
  /// - Complexity: Reads the source once, and with `verifies` the source and the written file once more.
  public static func write(
    _ source: any CheckpointSource, to path: String, replace: Bool,
    metadata: NameTable<String> = [:], jobs: Int = 1, verifies: Bool = true,
    progress: (Int) -> Void = { _ in }, conclude: () throws -> Void = {}
  ) throws {
    try OutputFile.requirePlace(path, replace: replace)
    let tensors = Array(source.tensors)
    let total = try byteCount(of: tensors, metadata: metadata)
    try FileSystem.requireFreeBytes(total, forFileAt: path)
    let output = try OutputFile(
      path, replace: replace, expectedBytes: total, mode: source.outputMode)
    let byteCount = try write(
      tensors, of: source, to: output, metadata: metadata, jobs: jobs, verifies: verifies,
      progress: progress)
    try conclude()
    try output.commit(byteCount: byteCount)
  }

  /// The bytes of a whole safetensors file with these tensors.
  static func byteCount(
    of tensors: [TensorDescriptor], metadata: NameTable<String>
  ) throws(FormatError) -> Int {
    tensors.reduce(try header(for: tensors, metadata: metadata).count) { $0 + $1.byteCount }
  }

  /// Writes a whole safetensors file with some of a source's tensors, and opens it to check it.
  /// - Returns: The bytes of the file.
  static func write(
    _ tensors: [TensorDescriptor], of source: any CheckpointSource,
    to output: borrowing OutputFile, metadata: NameTable<String>, jobs: Int, verifies: Bool,
    progress: (Int) -> Void
  ) throws -> Int {
    let header = try header(for: tensors, metadata: metadata)
    try output.write(header, at: 0)
    var cursor = header.count
    try source.forEachWindow(of: tensors.sorted(by: storageOrder), jobs: jobs) { window in
      try output.write(window.bytes, at: cursor)
      cursor += window.bytes.count
      progress(window.bytes.count)
    }
    let written = try FormatError.readingBack { try SafetensorsSource(output.temporaryPath) }
    if verifies { try source.requireSame(tensors, in: written, jobs: jobs, progress: progress) }
    return cursor
  }

  /// The bytes before the data: the length, then the JSON text padded to a multiple of 8 bytes.
  private static func header(
    for tensors: [TensorDescriptor], metadata: NameTable<String>
  ) throws(FormatError) -> [UInt8] {
    for tensor in tensors
    where NameKey(tensor.name) == NameKey(metadataKey) || tensor.name.hasControlCharacters {
      throw .reservedName(tensor.name)
    }
    try metadata.requireReadable()
    let text = text(for: tensors.sorted(by: storageOrder), metadata: metadata)
    guard text.count <= Limits.safetensorsHeaderBytes else {
      throw .headerTooLarge(
        declared: UInt64(text.count), limit: Limits.safetensorsHeaderBytes)
    }
    return littleEndian(UInt64(text.count)) + text
  }

  /// The JSON text of the header, padded with spaces. The tensors are in the order of `ordered`, and their data
  /// lies back to back from offset 0.
  private static func text(for ordered: [TensorDescriptor], metadata: NameTable<String>) -> [UInt8] {
    var writer = JSONWriter(expectedBytes: JSONWriter.bytes(ofEntries: ordered.lazy.map(\.name)))
    var begin = 0
    writer.object { writer in
      if !metadata.isEmpty {
        writer.key(metadataKey)
        writer.object { writer in
          for (key, value) in metadata.sorted {
            writer.member(key, value)
          }
        }
      }
      for tensor in ordered {
        writer.safetensorsEntry(
          tensor.name, type: tensor.type, dimensions: tensor.shape.dimensions, begin: begin,
          end: begin + tensor.byteCount)
        begin += tensor.byteCount
      }
    }
    let padding = (8 - writer.text.count % 8) % 8
    return writer.text + [UInt8](repeating: 0x20, count: padding)
  }

  /// Whether `a` is stored before `b`: the larger element first, so that every tensor is aligned to its
  /// elements, and then by name.
  static func storageOrder(_ a: TensorDescriptor, _ b: TensorDescriptor) -> Bool {
    let (sizeA, sizeB) = (a.type.bitSize, b.type.bitSize)
    return sizeA != sizeB ? sizeA > sizeB : a.name.utf8Precedes(b.name)
  }
}

extension JSONWriter {
  /// The approximate length of a header with entries of these names. An entry has a name, and numbers of up to
  /// 19 digits.
  static func bytes(ofEntries names: some Sequence<String>) -> Int {
    names.reduce(1 << 16) { $0 + $1.utf8.count + 160 }
  }

  /// Writes the entry of a tensor: `"name":{"dtype":…,"shape":…,"data_offsets":[begin,end]}`.
  mutating func safetensorsEntry(
    _ name: String, type: ElementType, dimensions: [Int], begin: Int, end: Int
  ) {
    key(name)
    object { writer in
      writer.member("dtype", type.rawValue)
      writer.key("shape")
      writer.integers(dimensions)
      writer.key("data_offsets")
      writer.integers([begin, end])
    }
  }
}

extension String {
  /// Whether the UTF-8 bytes of this text sort before those of `other`. `<` on strings treats canonical
  /// equivalents as equal, which no other program does.
  package func utf8Precedes(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }
}

/// The eight bytes, in little-endian order, that hold the length of a safetensors header.
func littleEndian(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
}
