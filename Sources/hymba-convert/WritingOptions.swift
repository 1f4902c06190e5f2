public import ArgumentParser
public import HymbaFormat
import HymbaTerminal

/// The options for writing a container.
struct WritingOptions: ParsableArguments {
  @Option(help: "How tensors are stored: none or zstd.")
  var compression: ContainerWriter.Compression = .zstd

  @Option(help: "How hard zstd tries: fast, default or max. Every reader reads all three. (default: default)")
  var level: CompressionLevel?

  @Flag(help: "Replace what exists.")
  var force = false

  @Flag(
    inversion: .prefixedNo,
    help: "Read what was written again and compare every tensor with the source.")
  var verify = true

  func validate() throws {
    guard level == nil || compression != .none else {
      throw ValidationError("--level is for --compression zstd; with none, nothing is compressed.")
    }
  }

  /// Writes a container, with a progress bar and notes on standard error.
  ///
  /// - Parameters:
  ///   - attachments: What is kept beside the tensors.
  ///   - base: The container from which only the differences are stored; nil to store everything.
  ///   - conclude: Is called when everything was read, before the output gets its name. It returns further
  ///     assumptions for the manifest.
  /// - Throws: What ``ContainerWriter`` and `conclude` throw, with the path in front.
  @discardableResult
  func write(
    _ source: any CheckpointSource, _ description: CheckpointDescription,
    with attachments: Attachments = Attachments(), relativeTo base: ContainerSource? = nil, to path: String, jobs: Int, quiet: Bool,
    conclude: () throws -> [String] = { [] }
  ) throws -> Manifest {
    let bytes = source.tensors.totalBytes + attachments.tensors.totalBytes
    warnOfFullDisk(bytes, path, quiet: quiet)
    var writer = writer(jobs: jobs)
    writer.base = base
    let passes = 1 + (verify ? 1 : 0) + (base == nil ? 0 : 1)
    let bar = ProgressBar("writing \(FileSystem.name(of: path))", total: bytes * passes, quiet: quiet)
    defer {
      bar.finish()
      Terminal.noteLeftovers(of: path, quiet: quiet)
    }
    return try naming(path) {
      try writer.write(
        source, description, with: attachments, to: path, progress: { bar.advance(by: $0) },
        conclude: conclude)
    }
  }

  /// The writer that the options describe.
  func writer(jobs: Int) -> ContainerWriter {
    ContainerWriter(
      compression: compression, level: level ?? .default, jobs: jobs, replace: force,
      creator: "hymba-convert \(Terminal.version)", verifies: verify)
  }

  /// Warns when the tensors fit on the disk only if they become smaller. By how much they do is known only
  /// after writing.
  ///
  /// - Parameters:
  ///   - bytes: The bytes of all that is to be written.
  ///   - path: A file that is to be written.
  func warnOfFullDisk(_ bytes: Int, _ path: String, quiet: Bool) {
    guard !quiet, compression != .none,
      let free = FileSystem.freeBytes(forFileAt: path), free < bytes
    else { return }
    Terminal.note(
      "warning: \(path.printable): the disk has \(free.byteText) free and the tensors have \(bytes.byteText); they fit only if they become smaller"
    )
  }
}

extension ContainerWriter.Compression: ExpressibleByArgument {}
extension CompressionLevel: ExpressibleByArgument {}
