extension Manifest {
  /// The version that added a base: an older program would take such a container for one that lacks tensors, so it
  /// must refuse it.
  static let baseVersion = "2.0"

  /// Checks that what is relative to a base agrees with the version of the file and with the base that it names.
  /// - Throws: ``FormatError/manifestInvalid(_:)``.
  func requireBaseIsAllowed() throws(FormatError) {
    let difference = tensors.first { $0.encoding == .delta }
    if let attachment = attachments.first(where: { $0.encoding == .delta }) {
      throw .manifestInvalid(
        "the attachment “\(attachment.descriptor.name.printable)” is stored as a difference, which only tensors are")
    }
    guard base != nil else {
      guard let difference else { return }
      throw .manifestInvalid(
        "the tensor “\(difference.descriptor.name.printable)” is stored as the difference from a base, and it names no base")
    }
    guard part == nil else { throw .manifestInvalid("it is a part of a model, and names a base, which no part has") }
    guard !isOfFirstMajorVersion else {
      throw .manifestInvalid("it is of version \(formatVersion.printable), and a base came with \(Self.baseVersion)")
    }
  }

  /// Checks that a base has the tensors from which this container takes bytes or differences.
  /// - Throws: ``FormatError/manifestInvalid(_:)``.
  func requireTensors(in base: ContainerSource) throws(FormatError) {
    for tensor in self.base?.tensors ?? [] {
      try Self.require(tensor.descriptor, in: base)
      guard try base.sha256(of: tensor.descriptor.name) == tensor.sha256 else {
        throw .manifestInvalid(
          "it says that “\(tensor.descriptor.name.printable)” is equal to its base's, which has another SHA-256")
      }
    }
    for tensor in tensors where tensor.encoding == .delta { try Self.require(tensor.descriptor, in: base) }
  }

  private static func require(_ tensor: TensorDescriptor, in base: ContainerSource) throws(FormatError) {
    let shown = "it needs “\(tensor.name.printable)” of its base"
    guard let other = base.tensors[tensor.name] else {
      throw .manifestInvalid("\(shown), which has no such tensor")
    }
    guard other.type == tensor.type, other.shape == tensor.shape else {
      throw .manifestInvalid(
        "\(shown) as \(tensor.type.rawValue) \(tensor.shape), and it is \(other.type.rawValue) \(other.shape) there")
    }
  }
}
