import HymbaFormat
import Synchronization

/// Looks for another tensor with the same bytes.
final class TwinSearch: Sendable {
  private let pair: CheckpointPair
  /// The tensors of each side by type and size.
  private let classes: (a: [Class: [TensorDescriptor]], b: [Class: [TensorDescriptor]])
  /// The first bytes of tensors that were read.
  private let beginnings = Mutex<[Place: [UInt8]]>([:])

  private struct Class: Hashable {
    let type: ElementType
    let byteCount: Int

    init(_ tensor: TensorDescriptor) { (type, byteCount) = (tensor.type, tensor.byteCount) }
  }

  private struct Place: Hashable {
    let isFirst: Bool
    let name: NameKey
  }

  /// The bytes of a tensor that are compared before the others.
  private static let beginningBytes = 512

  init(_ pair: CheckpointPair) {
    self.pair = pair
    self.classes = (
      Dictionary(grouping: pair.a.source.tensors) { Class($0) },
      Dictionary(grouping: pair.b.source.tensors) { Class($0) }
    )
  }

  /// The explanation for a tensor that holds the values of another one; nil where none has them.
  ///
  /// A changed or added tensor is looked for in the first checkpoint, then in the second. A removed one is
  /// looked for in the second. A tensor whose beginning is constant has no twin: all such tensors are alike.
  ///
  /// - Throws: The errors of the sources.
  func explanation(_ tensor: TensorPair) throws -> Explanation? {
    guard let b = tensor.b else {
      guard let a = tensor.a, let twin = try twin(of: a, isFirst: true, amongFirst: false) else {
        return nil
      }
      return Explanation(.sameAs, "equal to \(twin.name) of the second", exact: true)
    }
    if let twin = try twin(of: b, isFirst: false, amongFirst: true) {
      return Explanation(
        .sameAs,
        try isSwapped(tensor, twin)
          ? "swapped with \(twin.name)" : "equal to \(twin.name) of the first", exact: true)
    }
    guard let twin = try twin(of: b, isFirst: false, amongFirst: false) else { return nil }
    return Explanation(.sameAs, "equal to \(twin.name) of the second", exact: true)
  }

  /// Whether the twin has the former values of the tensor.
  private func isSwapped(_ tensor: TensorPair, _ twin: TensorDescriptor) throws -> Bool {
    guard let former = tensor.a, let now = pair.b.source.tensors[twin.name],
      Class(former) == Class(now)
    else { return false }
    return try PairReading(former, of: pair.a, now, of: pair.b).isEqual()
  }

  /// The first tensor of one side with the bytes of a tensor of either side.
  private func twin(
    of tensor: TensorDescriptor, isFirst: Bool, amongFirst: Bool
  ) throws -> TensorDescriptor? {
    let beginning = try beginning(of: tensor, isFirst: isFirst)
    let size = tensor.type.byteSize
    guard beginning.indices.contains(where: { beginning[$0] != beginning[$0 % size] }) else { return nil }
    let others = (amongFirst ? classes.a : classes.b)[Class(tensor)] ?? []
    for other in others where !other.name.utf8.elementsEqual(tensor.name.utf8) {
      guard try self.beginning(of: other, isFirst: amongFirst) == beginning else { continue }
      let reading = try PairReading(
        other, of: amongFirst ? pair.a : pair.b, tensor, of: isFirst ? pair.a : pair.b)
      if try reading.isEqual() { return other }
    }
    return nil
  }

  private func beginning(of tensor: TensorDescriptor, isFirst: Bool) throws -> [UInt8] {
    let place = Place(isFirst: isFirst, name: NameKey(tensor.name))
    if let known = beginnings.withLock({ $0[place] }) { return known }
    let side = isFirst ? pair.a : pair.b
    let bytes: [UInt8]
    do {
      bytes = try naming(side.location) {
        try [UInt8](count: min(tensor.byteCount, Self.beginningBytes)) {
          try side.source.read(tensor, from: 0, into: &$0)
        }
      }
    } catch {
      // A parameter that cannot be computed of what is stored is the twin of none.
      guard StorageSearch.unreadable(error) != nil else { throw error }
      bytes = []
    }
    beginnings.withLock { $0[place] = bytes }
    return bytes
  }
}
