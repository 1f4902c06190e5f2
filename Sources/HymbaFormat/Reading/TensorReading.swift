/// One tensor on its way out of a source. What its parts have in common, such as a seek table and contexts for
/// decoding, is made once.
public protocol TensorReading: Sendable {
  var tensor: TensorDescriptor { get }

  /// Bytes of a window as the source reads it best. Windows begin at multiples; the last may be shorter. A tensor
  /// without elements has one window without bytes.
  var windowBytes: Int { get }

  /// Whether any part of a window costs as much as the whole window.
  var readsWholeWindows: Bool { get }

  /// Whether what is read is compared with digests by the time that all of it is read.
  var isCompared: Bool { get }

  /// Fills `buffer` with the tensor's bytes from byte `offset` on; several threads may read at once.
  ///
  /// - Throws: ``FormatError/rangeOutsideTensor(_:offset:count:available:)``, what the source throws, and with
  ///   ``ReadingPurpose/whole`` ``FormatError/sectionDamaged(tensor:_:)``.
  func read(from offset: Int, into buffer: inout MutableRawSpan) throws
}

/// What a tensor is read for.
public enum ReadingPurpose: Sendable {
  /// Every window is read exactly once, in any order and from several threads; one call may read several that
  /// follow one another.
  ///
  /// The read by which the tensor becomes complete throws when the stored bytes are not those that were written.
  /// Until then nothing of it may count.
  case whole

  /// Any ranges. Nothing is compared with digests: for who reads the tensor whole as well, before anything of it
  /// counts.
  case parts
}

extension TensorReading {
  public var windowBytes: Int { tensor.windowBytes }
  public var readsWholeWindows: Bool { false }
  public var isCompared: Bool { false }

  /// Windows of the tensor, at least one.
  public var windowCount: Int { tensor.windowCount(windowBytes) }

  /// The bytes of the tensor in a window.
  public func range(ofWindow window: Int) -> Range<Int> {
    window * windowBytes..<min((window + 1) * windowBytes, tensor.byteCount)
  }
}

extension TensorDescriptor {
  /// Bytes of a window where the source has no better one.
  var windowBytes: Int { TensorWindow.elements * type.byteSize }

  /// Windows of so many bytes, at least one.
  func windowCount(_ windowBytes: Int) -> Int {
    max(1, byteCount / windowBytes + (byteCount % windowBytes == 0 ? 0 : 1))
  }
}

extension CheckpointSource {
  public func reading(
    of tensor: TensorDescriptor, _ purpose: ReadingPurpose
  ) throws -> any TensorReading { PlainReading(tensor: tensor, source: self) }
}

/// Of a source that has nothing to compare and nothing to keep between two reads.
struct PlainReading<Source: CheckpointSource>: TensorReading {
  let tensor: TensorDescriptor
  let source: Source

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try source.read(tensor, from: offset, into: &buffer)
  }
}

/// Another reading under another name, or with another shape of as many bytes.
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
