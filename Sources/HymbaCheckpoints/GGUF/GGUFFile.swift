import HymbaFormat

/// One GGUF file: its keys, and its tensors with their places.
struct GGUFFile: Sendable {
  static let magic = Array("GGUF".utf8)

  let file: InputFile
  let keys: GGUFKeys
  let tensors: [Placed]

  /// A tensor, and the byte of the file at which its data begins.
  struct Placed: Sendable {
    let descriptor: TensorDescriptor
    let type: GGUFType
    let start: Int
    let storedBytes: Int
  }

  /// Opens and checks the file at `path`. Reads no tensor data.
  /// - Throws: ``GGUFError``, `FormatError`.
  init(_ path: String) throws {
    let file = try InputFile(path)
    var header = try GGUFHeader(FileBytes(file: file))
    var tensors: [GGUFTensor] = []
    var names: Set<NameKey> = []
    for number in 1...max(1, header.tensorCount) where number <= header.tensorCount {
      let tensor = try GGUFTensor(number, from: &header.reader)
      guard names.insert(NameKey(tensor.descriptor.name)).inserted else {
        throw FormatError.duplicateName(tensor.descriptor.name)
      }
      tensors.append(tensor)
    }
    self.file = file
    self.keys = header.keys
    self.tensors = try Self.place(
      tensors, in: file, from: header.reader.position, alignment: try keys.alignment)
  }

  /// Makes sure that the tensors lie one behind the other, each padded to the alignment, and fill the file.
  /// - Parameter end: The byte after the table of tensors.
  /// - Throws: ``GGUFError/offset(tensor:expected:found:)``, `FormatError`.
  private static func place(
    _ tensors: [GGUFTensor], in file: InputFile, from end: Int, alignment: Int
  ) throws -> [Placed] {
    // Offsets never exceed the length of the file by more than the alignment, so no sum overflows.
    func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
    let dataStart = aligned(end)
    let available = max(0, file.byteCount - dataStart)
    var next = 0
    let placed = try tensors.map { tensor in
      let name = tensor.descriptor.name
      guard tensor.offset == UInt64(next) else {
        throw GGUFError.offset(tensor: name, expected: next, found: tensor.offset)
      }
      let bytes = tensor.storedBytes
      guard next <= available, bytes <= available - next else {
        throw FormatError.dataBeyondFile(
          tensor: name, end: bytes <= Int.max - next ? next + bytes : Int.max, available: available)
      }
      defer { next = aligned(next + bytes) }
      return Placed(
        descriptor: tensor.descriptor, type: tensor.type, start: dataStart + next, storedBytes: bytes)
    }
    guard available <= next else { throw FormatError.trailingBytes(available - next) }
    return placed
  }
}

extension GGUFKeys {
  static let alignmentKey = "general.alignment"

  /// The alignment of the data in bytes. The format's default is 32.
  /// - Throws: ``GGUFError/value(key:expected:found:)``.
  fileprivate var alignment: Int {
    get throws(GGUFError) {
      guard let value = self[Self.alignmentKey] else { return 32 }
      guard type(of: Self.alignmentKey) == .uint32, case .unsigned(let bytes) = value,
        bytes.nonzeroBitCount == 1, bytes <= Limits.ggufAlignment
      else {
        throw .value(
          key: Self.alignmentKey,
          expected: "a power of two up to \(Limits.ggufAlignment), of 32 bits", found: value.shown)
      }
      return Int(bytes)
    }
  }
}
