import HymbaFormat
import Synchronization

/// A checkpoint that notes which tensors are read, in order.
final class LoggingSource: CheckpointSource {
  let location = "log"
  let tensors: TensorTable
  let files: [SourceFile] = []
  private let source: any CheckpointSource
  private let log = Mutex<[String]>([])

  init(_ source: any CheckpointSource) {
    self.tensors = source.tensors
    self.source = source
  }

  /// The names that were read since the last call.
  func take() -> [String] {
    log.withLock { log in
      defer { log = [] }
      return log
    }
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    log.withLock { $0.append(tensor.name) }
    try source.read(tensor, from: offset, into: &buffer)
  }
}
