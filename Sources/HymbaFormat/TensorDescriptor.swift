/// The name, type and shape of a tensor: what is known before any of its bytes are read.
public struct TensorDescriptor: Hashable, Sendable {
  public let name: String
  public let type: ElementType
  public let shape: Shape
  /// The bytes of the dense, row-major, little-endian data.
  public let byteCount: Int

  /// - Throws: ``FormatError/invalidName(_:_:)`` for a name that is empty, too long, or has too many combining
  ///   marks in a row; ``FormatError/invalidShape(_:_:)`` when the byte count overflows.
  public init(name: String, type: ElementType, shape: Shape) throws(FormatError) {
    guard !name.isEmpty else { throw .invalidName(name, "is empty") }
    guard name.utf8.count <= Limits.nameBytes else {
      throw .invalidName(
        String(name.prefix(32)) + "…", "is longer than \(Limits.nameBytes) bytes")
    }
    guard !name.hasTooManyMarks else {
      throw .invalidName(name, "has more than \(Limits.combiningMarks) combining marks in a row")
    }
    self.name = name
    self.type = type
    self.shape = shape
    self.byteCount = try shape.byteCount(of: type)
  }

  /// - Throws: ``FormatError/invalidName(_:_:)``, or ``FormatError/invalidShape(_:_:)`` with the tensor's
  ///   name.
  public init(name: String, type: ElementType, dimensions: [Int]) throws(FormatError) {
    do throws(FormatError) {
      try self.init(name: name, type: type, shape: Shape(dimensions))
    } catch .invalidShape(let shape, let why) {
      throw .invalidShape(shape, "of the tensor “\(name.printable)” \(why)")
    }
  }
}

extension TensorDescriptor {
  /// Makes sure that `count` bytes from byte `offset` on lie within the tensor.
  /// - Throws: ``FormatError/rangeOutsideTensor(_:offset:count:available:)``.
  public func requireRange(_ offset: Int, _ count: Int) throws(FormatError) {
    guard offset >= 0, offset <= byteCount, count <= byteCount - offset else {
      throw .rangeOutsideTensor(name, offset: offset, count: count, available: byteCount)
    }
  }
}

/// Tensors in a fixed order, each name once. A tensor is found by its name in constant time. Names are compared
/// by their UTF-8 bytes.
public struct TensorTable: Sendable, RandomAccessCollection {
  private let descriptors: [TensorDescriptor]
  private let positions: NameTable<Int>
  public let totalBytes: Int

  /// - Throws: ``FormatError/duplicateName(_:)``, and ``FormatError/invalidShape(_:_:)`` when all tensors
  ///   together have more than `Limits/totalBytes`.
  public init(_ descriptors: [TensorDescriptor]) throws(FormatError) {
    var positions = NameTable<Int>(minimumCapacity: descriptors.count)
    var totalBytes = 0
    for (position, descriptor) in descriptors.enumerated() {
      guard positions.insert(position, for: descriptor.name) else {
        throw .duplicateName(descriptor.name)
      }
      guard descriptor.byteCount <= Limits.totalBytes - totalBytes else {
        throw .invalidShape(
          descriptor.shape.dimensions,
          "of the tensor “\(descriptor.name.printable)” brings the tensors beyond \(Limits.totalBytes) bytes"
        )
      }
      totalBytes += descriptor.byteCount
    }
    self.descriptors = descriptors
    self.positions = positions
    self.totalBytes = totalBytes
  }

  /// The table without tensors.
  init() {
    self.descriptors = []
    self.positions = [:]
    self.totalBytes = 0
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { descriptors.count }
  public subscript(position: Int) -> TensorDescriptor { descriptors[position] }

  public subscript(name: String) -> TensorDescriptor? { positions[name].map { descriptors[$0] } }
  public func position(of name: String) -> Int? { positions[name] }

  /// The position of a tensor in the table. Makes sure that `count` bytes from byte `offset` on lie within it.
  /// - Throws: ``FormatError/noSuchTensor(_:)``,
  ///   ``FormatError/rangeOutsideTensor(_:offset:count:available:)``.
  public func position(
    of tensor: TensorDescriptor, from offset: Int, count: Int
  ) throws(FormatError) -> Int {
    guard let position = positions[tensor.name] else { throw .noSuchTensor(tensor.name) }
    try descriptors[position].requireRange(offset, count)
    return position
  }

  /// The elements of all tensors together.
  /// - Complexity: O(*n*) in the number of tensors.
  public var totalElements: Int { descriptors.reduce(0) { $0 + $1.shape.elementCount } }
}
