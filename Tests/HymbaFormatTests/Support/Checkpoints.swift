import TestSupport

@testable import HymbaFormat

extension ElementType {
  /// The types whose values are known, which may be compressed.
  static let known = allCases.filter { !$0.isOpaque }
  static let opaque = allCases.filter(\.isOpaque)
}

extension ContainerWriter {
  /// A writer as the tests use it. It compresses random bytes, too, which are simple to make.
  static func test(_ compression: Compression, jobs: Int = 2, replace: Bool = false)
    -> ContainerWriter
  {
    var writer = ContainerWriter(compression: compression, jobs: jobs, replace: replace, creator: "a test")
    writer.smallestGain = -.infinity
    return writer
  }
}

extension CheckpointDescription {
  /// Of a checkpoint that is kept as it is.
  static func verbatim(metadata: NameTable<String> = [:]) -> CheckpointDescription {
    CheckpointDescription(
      architecture: nil, layout: .verbatim, configuration: nil, metadata: metadata, files: [],
      assumptions: [],
      carried: [])
  }
}

extension TemporaryFolder {
  /// Writes tensors as a container and gives its path.
  func container(
    _ name: String = "c.hymba", _ compression: ContainerWriter.Compression,
    _ entries: [MemorySource.Entry], metadata: NameTable<String> = [:]
  ) throws -> String {
    try ContainerWriter.test(compression).write(
      MemorySource(entries), .verbatim(metadata: metadata), to: file(name))
    return file(name)
  }
}

/// A source that fails when the tensor of this name is read.
struct FailingSource: CheckpointSource {
  struct Failure: Error, Equatable {}

  let base: MemorySource
  let failing: String
  var location: String { base.location }
  var tensors: TensorTable { base.tensors }
  var files: [SourceFile] { [] }

  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws
  {
    guard tensor.name != failing else { throw Failure() }
    try base.read(tensor, from: offset, into: &buffer)
  }
}
