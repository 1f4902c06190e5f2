import HymbaCheckpoints
import HymbaConversion
import HymbaFormat

/// A file with weights, as far as its header and its size tell.
struct WeightFile {
  let path: String
  let name: String
  /// The checkpoint in the file; nil where its header cannot be read. Where the file is longer or shorter than
  /// its header says, it has the tensors of the header.
  let source: (any CheckpointSource)?
  /// What is wrong with the file itself.
  let findings: [Finding]

  /// The tensors of the header; none where it cannot be read.
  var tensors: [TensorDescriptor] { source.map { Array($0.tensors) } ?? [] }

  init(_ path: String) {
    self.path = path
    self.name = FileSystem.name(of: path)
    do {
      let source = try SourceOpener.open(path)
      self.source = source
      self.findings = Self.holes(path, name, source)
    } catch {
      (self.source, self.findings) = Self.damaged(path, name, error)
    }
  }

  // MARK: Damage

  /// The tensors of a file that cannot be opened, as far as its header gives them, and what is wrong with it.
  private static func damaged(
    _ path: String, _ name: String, _ error: any Error
  ) -> ((any CheckpointSource)?, [Finding]) {
    func unreadable(_ error: any Error) -> [Finding] {
      [.unreadable(name, error)]
    }
    guard let file = try? InputFile(path) else { return (nil, unreadable(error)) }
    if let zeros = zeroFilled(file, name) { return (nil, [zeros]) }
    if let prefix = try? file.bytes(at: 0, count: min(8, file.byteCount)), GGUFSource.isGGUF(prefix: prefix) {
      guard let source = try? GGUFSource(headersOf: path) else { return (nil, ofGGUF(name, error)) }
      return (source, source.faults.map(finding) + holes(path, name, source))
    }
    do throws(FormatError) {
      let header = try SafetensorsExtent(file)
      guard let header else { return (nil, unreadable(error)) }
      let source = HeaderSource(header.header, of: file)
      return (source, [header.finding(name)].compactMap(\.self) + holes(path, name, source))
    } catch {
      guard case .headerBeyondFile(let declared, let bytes) = error else {
        return (nil, unreadable(error))
      }
      return (
        nil,
        [
          Finding(
            .truncated, .error, name,
            "ends within its header: it has \(bytes) bytes, and the header alone takes \(declared)")
        ]
      )
    }
  }

  /// The findings for a GGUF file whose header cannot be read.
  private static func ofGGUF(_ name: String, _ error: any Error) -> [Finding] {
    switch Audited.cause(error) as? GGUFError {
    case .endsEarly: [Finding(.truncated, .error, name, "ends within its header: \(Audited.sentence(error))")]
    case .partsMissing(let parts, let count):
      parts.map { Finding(.shardMissing, .error, $0, "is not in the folder, and is one of \(count) files of the set") }
    default: [.unreadable(name, error)]
    }
  }

  /// The finding for a GGUF file that is shorter or longer than its header says.
  private static func finding(_ fault: GGUFSource.FileFault) -> Finding {
    guard case .trailingBytes(let bytes) = fault.error else {
      return Finding(
        .truncated, .error, fault.name,
        "ends before the data that its header describes: the data of \(counted(fault.cutTensors, "tensor")) \(fault.cutTensors == 1 ? "is" : "are") cut off"
      )
    }
    return Finding(.trailing, .error, fault.name, "has \(bytes) bytes behind its last tensor")
  }

  private static let prefixBytes = 512

  /// The finding for a file that begins with zeros in place of a header.
  private static func zeroFilled(_ file: InputFile, _ name: String) -> Finding? {
    guard let prefix = try? file.bytes(at: 0, count: min(prefixBytes, file.byteCount)),
      prefix.allSatisfy({ $0 == 0 })
    else { return nil }
    return Finding(
      .zeroFilled, .error, name,
      prefix.isEmpty
        ? "is empty, as a download that never began leaves it"
        : "begins with zeros where its header should be, as a download leaves it that reserved the file and was broken off"
    )
  }

  /// The finding for parts of a file that were never written.
  private static func holes(
    _ path: String, _ name: String, _ source: any CheckpointSource
  ) -> [Finding] {
    let holes = FileSystem.holes(in: path)
    guard let last = holes.last, let file = try? InputFile(path) else { return [] }
    let bytes = holes.reduce(0) { $0 + $1.count }
    let isTail = last.upperBound == file.byteCount
    return [
      Finding(
        .unwritten, isTail ? .error : .warning, name,
        "has \(bytes) of \(file.byteCount) bytes that were never written and read as zeros, from byte \(holes[0].lowerBound) on\(isTail ? " and up to its end" : "")"
      )
    ]
  }
}

/// A safetensors header beside the size of its file. The header itself is valid.
private struct SafetensorsExtent {
  let header: SafetensorsHeader
  /// The bytes of the data that the header describes, and those that the file has.
  let declared: Int
  let available: Int

  /// Reads the header of a file that has more or fewer bytes than it says.
  /// - Returns: Nil for a file of another format.
  /// - Throws: ``FormatError`` for a header that is not valid, and for one beyond the end of the file.
  init?(_ file: InputFile) throws(FormatError) {
    guard file.byteCount > 8 else { return nil }
    let prefix = try file.bytes(at: 0, count: 9)
    guard prefix[8] == UInt8(ascii: "{"), prefix[..<8].contains(0) else { return nil }
    do {
      self.header = try SafetensorsHeader(reading: file)
      self.available = file.byteCount - header.dataOffset
      self.declared = available
    } catch {
      let length = prefix[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let available = file.byteCount - 8 - length
      switch error {
      case .trailingBytes(let count): self.declared = available - count
      case .dataBeyondFile: self.declared = try Self.end(file.bytes(at: 8, count: length))
      default: throw error
      }
      self.available = available
      self.header = try SafetensorsHeader(
        text: file.bytes(at: 8, count: length), dataBytes: declared)
    }
  }

  /// The end of the last tensor's data.
  /// - Throws: ``FormatError`` for what is no header.
  private static func end(_ text: [UInt8]) throws(FormatError) -> Int {
    guard case .object(let members) = try JSONValue(parsing: text) else { return 0 }
    return members.values.reduce(0) { end, tensor in
      guard case .array(let offsets)? = tensor["data_offsets"], offsets.count == 2,
        case .integer(let own) = offsets[1]
      else { return end }
      return max(end, own)
    }
  }

  func finding(_ name: String) -> Finding? {
    if declared < available {
      return Finding(
        .trailing, .error, name,
        "has \(available - declared) bytes behind its last tensor, which readers of safetensors refuse")
    }
    guard declared > available else { return nil }
    let cut = header.tensors.indices.first { index in
      header.offsets[index] + header.tensors[index].byteCount > header.dataOffset + available
    }
    let tensors = cut.map { header.tensors.count - $0 } ?? 0
    let first = cut.map { header.tensors[$0].name.printable } ?? ""
    return Finding(
      .truncated, .error, name,
      "has \(available) of the \(declared) bytes of data that its header describes: \(counted(tensors, "tensor")) from \(first) on \(tensors == 1 ? "is" : "are") cut off"
    )
  }
}
