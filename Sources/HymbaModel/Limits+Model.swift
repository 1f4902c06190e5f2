import FoundationEssentials
package import HymbaFormat

extension Limits {
  /// Bytes of one matrix, which is in memory as a whole while the next one is read: half of what this machine
  /// has. Compressed, a matrix of any size fits into a small file, and memory that cannot be had ends the
  /// process.
  package static let matrixBytes = Int(clamping: ProcessInfo.processInfo.physicalMemory / 2)
}
