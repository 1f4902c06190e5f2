#if HDF5
import HDF5
import Synchronization

/// Reads ranges of datasets. The dataset that was read last stays open, because the library keeps its decoded
/// chunks with it: the next window of a tensor often begins within a chunk that was decoded for the window
/// before.
final class HDF5Reader: Sendable {
  private struct Open: ~Copyable {
    let address: UInt64
    let dataset: HDF5Dataset
  }

  private struct State: ~Copyable {
    var last: Open?
    /// The datasets whose chunks are known to have the right size. The check decodes each chunk once.
    var checked: Set<UInt64> = []
  }

  private let file: HDF5File
  private let state = Mutex(State())

  init(_ file: consuming HDF5File) { self.file = file }

  /// Fills `buffer` with whole elements of the flattened tensor, in row-major order, from element `first` on.
  /// - Throws: ``FormatError/hdf5(_:)`` with ``HDF5Problem/damaged(path:why:)`` or
  ///   ``HDF5Problem/noMemory(path:)``.
  func read(
    _ tensor: HDF5Tensor, from first: Int, into buffer: inout MutableRawSpan
  ) throws(FormatError) {
    let width = tensor.type.byteSize
    let blocks = tensor.shape.blocks(first..<first + buffer.byteCount / width)
    do throws(HDF5Error) {
      try state.withLock { state throws(HDF5Error) in
        // Datasets are compared by address, so that one with several names stays open.
        if state.last?.address != tensor.address {
          // The last dataset is closed before the next is opened: two caches would take twice the memory.
          state.last = nil
          let dataset = try open(tensor, isChecked: state.checked.contains(tensor.address))
          state.checked.insert(tensor.address)
          state.last = Open(address: tensor.address, dataset: dataset)
        }
        var done = 0
        for block in blocks {
          let count = block.elementCount * width
          var part = buffer._mutatingExtracting(done..<done + count)
          try state.last?.dataset.read(start: block.start, count: block.count, into: &part)
          done += count
        }
      }
    } catch {
      throw .hdf5(
        error.isShortOfMemory
          ? .noMemory(path: tensor.path) : .damaged(path: tensor.path, why: "\(error)"))
    }
  }

  /// Opens a dataset, and checks the size of its chunks if that was not done. A chunk is decoded whole, so the
  /// cache must hold it, and its size must be right.
  private func open(
    _ tensor: HDF5Tensor, isChecked: Bool
  ) throws(HDF5Error) -> HDF5Dataset {
    let dataset = try HDF5Dataset(
      file, at: tensor.path, tensor.address,
      cacheBytes: tensor.isPlain
        ? nil : max(tensor.isFiltered ? tensor.chunkBytes : 0, Limits.hdf5CacheBytes))
    if !isChecked { try dataset.requireWholeChunks(of: tensor.chunkBytes) }
    return dataset
  }
}
#endif
