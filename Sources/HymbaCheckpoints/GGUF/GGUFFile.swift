import HymbaFormat

/// One GGUF file: its keys, and its tensors with their places.
struct GGUFFile: Sendable {
  static let magic = Array("GGUF".utf8)

  let file: InputFile
  let keys: GGUFKeys
  let tensors: [Placed]
  /// What is wrong with the length of the file; nil for one that ends where its last tensor does.
  let fault: FormatError?

  /// A tensor, and the byte of the file at which its data begins.
  struct Placed: Sendable {
    let descriptor: TensorDescriptor
    let type: GGUFType
    let start: Int
    let storedBytes: Int
  }

  /// Opens and checks the file at `path`. Reads no tensor data.
  /// - Parameter needsData: Whether a file that is shorter or longer than its header says is refused.
  /// - Throws: ``GGUFError``, `FormatError`.
  init(_ path: String, needsData: Bool = true) throws {
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
    (self.tensors, self.fault) = try Self.place(
      tensors, in: file, from: header.reader.position, alignment: try keys.alignment)
    if needsData, let fault { throw fault }
  }

  /// Makes sure that the tensors lie one behind the other, each padded to the alignment, and fill the file.
  /// - Parameter end: The byte after the table of tensors.
  /// - Returns: The tensors with their places, and what is wrong with the length of the file.
  /// - Throws: ``GGUFError/offset(tensor:expected:found:)``, `FormatError` for data that no file can have.
  private static func place(
    _ tensors: [GGUFTensor], in file: InputFile, from end: Int, alignment: Int
  ) throws -> ([Placed], FormatError?) {
    func aligned(_ offset: Int) -> Int { (offset + alignment - 1) / alignment * alignment }
    let dataStart = aligned(end)
    let available = max(0, file.byteCount - dataStart)
    var next = 0
    var fault: FormatError?
    let placed = try tensors.map { tensor in
      let name = tensor.descriptor.name
      guard tensor.offset == UInt64(next) else {
        throw GGUFError.offset(tensor: name, expected: next, found: tensor.offset)
      }
      let bytes = tensor.storedBytes
      guard bytes <= Limits.ggufDataBytes - next else {
        throw FormatError.dataBeyondFile(tensor: name, end: Int.max, available: available)
      }
      if fault == nil, next > available || bytes > available - next {
        fault = .dataBeyondFile(tensor: name, end: next + bytes, available: available)
      }
      defer { next = aligned(next + bytes) }
      return Placed(
        descriptor: tensor.descriptor, type: tensor.type, start: dataStart + next, storedBytes: bytes)
    }
    if fault == nil, available > next { fault = .trailingBytes(available - next) }
    return (placed, fault)
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
