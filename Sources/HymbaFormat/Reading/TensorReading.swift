/// One tensor that is being read from a source. Data that its parts share, such as a seek table and
/// decompression contexts, is prepared once.
public protocol TensorReading: Sendable {
  var tensor: TensorDescriptor { get }

  /// The size in bytes of the window that the source reads best. Windows begin at multiples of it; the last one
  /// may be shorter. A tensor without elements has one empty window.
  var windowBytes: Int { get }

  /// Whether reading a part of a window costs as much as reading the whole window.
  var readsWholeWindows: Bool { get }

  /// Whether the bytes are compared with digests by the time that all of them are read.
  var isCompared: Bool { get }

  /// Fills `buffer` with the tensor's bytes from byte `offset` on. Several threads may read at once.
  ///
  /// - Throws: ``FormatError/rangeOutsideTensor(_:offset:count:available:)``, what the source throws, and, for
  ///   ``ReadingPurpose/whole``, ``FormatError/sectionDamaged(tensor:_:)``.
  func read(from offset: Int, into buffer: inout MutableRawSpan) throws
}

/// The purpose for which a tensor is read.
public enum ReadingPurpose: Sendable {
  /// The whole tensor is read. Every window is read exactly once, in any order and from several threads. One
  /// call may read several windows that follow one another.
  ///
  /// The read that completes the tensor throws when the stored bytes are not those that were written. Until
  /// then the caller must not rely on any of the bytes.
  case whole

  /// Any ranges are read, and nothing is compared with digests. This is for callers that also read the whole
  /// tensor before they rely on any of its bytes.
  case parts
}

extension TensorReading {
  public var windowBytes: Int { tensor.windowBytes }
  public var readsWholeWindows: Bool { false }
  public var isCompared: Bool { false }

  /// The number of windows of the tensor, at least one.
  public var windowCount: Int { tensor.windowCount(windowBytes) }

  /// The range of the tensor's bytes in a window.
  public func range(ofWindow window: Int) -> Range<Int> {
    window * windowBytes..<min((window + 1) * windowBytes, tensor.byteCount)
  }
}

extension TensorDescriptor {
  /// The size in bytes of a window, for a source that prefers no other.
  var windowBytes: Int { TensorWindow.elements * type.byteSize }

  /// The number of windows of `windowBytes` bytes each, at least one.
  func windowCount(_ windowBytes: Int) -> Int {
    max(1, byteCount / windowBytes + (byteCount % windowBytes == 0 ? 0 : 1))
  }
}

extension CheckpointSource {
  /// Begins to read a tensor with plain calls of ``read(_:from:into:)``. Nothing is compared with digests.
  public func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading { PlainReading(tensor: tensor, source: self) }
}

/// Reads a tensor of a source that compares nothing and keeps nothing between two reads.
struct PlainReading<Source: CheckpointSource>: TensorReading {
  let tensor: TensorDescriptor
  let source: Source

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try source.read(tensor, from: offset, into: &buffer)
  }
}

/// A reading under another name, or with another shape of as many bytes.
package struct RenamedReading: TensorReading {
  package let tensor: TensorDescriptor
  private let original: any TensorReading

  /// - Precondition: `tensor` has as many bytes as the original.
  package init(_ original: any TensorReading, as tensor: TensorDescriptor) {
    precondition(tensor.byteCount == original.tensor.byteCount, "the same bytes")
    self.tensor = tensor
    self.original = original
  }

  package var windowBytes: Int { original.windowBytes }
  package var readsWholeWindows: Bool { original.readsWholeWindows }
  package var isCompared: Bool { original.isCompared }

  package func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try original.read(from: offset, into: &buffer)
  }
}
