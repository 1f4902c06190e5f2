public import HymbaFormat

/// A checkpoint in memory, of any element types.
public struct MemorySource: CheckpointSource {
  public let location = "memory"
  public let tensors: TensorTable
  public let files: [SourceFile] = []
  public let metadata: NameTable<String>
  private let contents: NameTable<[UInt8]>

  public struct Entry: Sendable {
    public let name: String
    public let type: ElementType
    public let dimensions: [Int]
    public let bytes: [UInt8]

    public init(_ name: String, _ type: ElementType, _ dimensions: [Int], _ bytes: [UInt8]) {
      self.name = name
      self.type = type
      self.dimensions = dimensions
      self.bytes = bytes
    }
  }

  public init(_ entries: [Entry], metadata: NameTable<String> = [:]) throws {
    self.tensors = try TensorTable(
      entries.map { try TensorDescriptor(name: $0.name, type: $0.type, dimensions: $0.dimensions) })
    self.contents = NameTable(entries.map { (key: $0.name, value: $0.bytes) })
    self.metadata = metadata
  }

  /// A copy of another source, with some tensors changed.
  public init(copying source: any CheckpointSource, changing: [String: [UInt8]] = [:]) throws {
    self.tensors = source.tensors
    self.metadata = source.metadata
    var contents: NameTable<[UInt8]> = [:]
    for tensor in source.tensors {
      contents[tensor.name] = try changing[tensor.name] ?? source.bytes(of: tensor)
    }
    self.contents = contents
  }

  public func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    let bytes = contents[tensor.name] ?? []
    for index in 0..<buffer.byteCount {
      buffer.storeBytes(of: bytes[offset + index], toByteOffset: index, as: UInt8.self)
    }
  }
}

extension [Float] {
  /// Little-endian F32.
  public var littleEndianBytes: [UInt8] {
    flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) }
    }
  }
}
