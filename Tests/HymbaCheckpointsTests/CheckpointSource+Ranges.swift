import HymbaFormat

extension CheckpointSource {
  /// A part of a tensor.
  func bytes(of tensor: TensorDescriptor, _ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](count: range.count) { try read(tensor, from: range.lowerBound, into: &$0) }
  }
}
