import FoundationEssentials
package import HymbaFormat

extension Limits {
  /// The largest matrix that is read, in bytes: half of this machine's memory, because one matrix is in
  /// memory while the next one is read. A limit is needed because a compressed matrix of any size fits into a
  /// small file, and the process ends when it cannot get memory.
  package static let matrixBytes = Int(clamping: ProcessInfo.processInfo.physicalMemory / 2)
}
