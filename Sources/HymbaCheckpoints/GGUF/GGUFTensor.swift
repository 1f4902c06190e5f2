import HymbaFormat

/// A tensor of a GGUF file: its name, shape and type, and where its data begins.
struct GGUFTensor {
  /// The shape is that of the framework, outermost first: the reverse of the file's.
  let descriptor: TensorDescriptor
  let type: GGUFType
  /// The offset that the file gives, in bytes from the start of the data.
  let offset: UInt64

  /// Bytes of the stored data. There are no more than bytes of the elements, so the product cannot overflow.
  var storedBytes: Int { descriptor.shape.elementCount / type.blockElements * type.blockBytes }

  /// Reads an entry of the table of tensors, and checks all but the offset.
  /// - Parameter number: The position in the table, from 1, for messages.
  /// - Throws: ``GGUFError``, `FormatError`.
  init(_ number: Int, from reader: inout GGUFReader) throws {
    let name = try reader.name("the name of tensor \(number)", limit: Limits.ggufNameBytes)
    let place = "the tensor “\(name.printable)”"
    let rank = try reader.number(UInt32.self, in: place)
    guard (1...UInt32(Limits.ggufRank)).contains(rank) else {
      throw GGUFError.dimensions(
        tensor: name, why: "has \(rank) dimensions; a GGUF file has 1 to \(Limits.ggufRank)")
    }
    // The first dimension of the file is the one whose elements are neighbours.
    var dimensions: [Int] = []
    for _ in 0..<rank { dimensions.append(Int(try reader.number(Int64.self, in: place))) }
    guard dimensions.allSatisfy({ $0 >= 1 }) else {
      throw GGUFError.dimensions(
        tensor: name, why: "has the dimensions \(dimensions), and each must be at least 1")
    }
    let type = try GGUFType(reader.number(UInt32.self, in: place), of: name)
    guard dimensions[0] % type.blockElements == 0 else {
      throw GGUFError.dimensions(
        tensor: name,
        why: "has rows of \(dimensions[0]) elements, and \(type.name) stores blocks of \(type.blockElements)")
    }
    self.offset = try reader.number(in: place)
    self.descriptor = try TensorDescriptor(
      name: name, type: type.elements, dimensions: dimensions.reversed())
    self.type = type
  }
}
