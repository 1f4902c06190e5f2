/// The name of something that a container keeps beside its tensors and that is no weight.
package enum AttachmentName: Hashable, Sendable {
  /// A file of the source, by the name that it has there.
  case file(String)
  /// A part of a recorded reference, by the name that it has there.
  case probe(String)
  /// Something that a later version added, by its full name.
  case unknown(String)

  /// The beginning of every name.
  static let prefix = "hymba."
  private static let filePrefix = "hymba.files/"
  private static let probePrefix = "hymba.probes/"

  /// - Returns: Nil for a name that no attachment may have: one that does not begin with ``prefix``, one that a
  ///   container uses itself, one with control characters, and one whose file could not be written into a folder.
  package init?(_ text: String) {
    guard text.utf8.starts(with: Self.prefix.utf8), !text.isReserved else { return nil }
    if let name = text.utf8Rest(after: Self.filePrefix) {
      guard Self.isFileName(name) else { return nil }
      self = .file(name)
    } else if let name = text.utf8Rest(after: Self.probePrefix) {
      guard !name.isEmpty else { return nil }
      self = .probe(name)
    } else {
      self = .unknown(text)
    }
  }

  /// Whether this is a part of a recorded reference.
  var isProbe: Bool { if case .probe = self { true } else { false } }

  /// The full name, by which the manifest lists the attachment.
  package var text: String {
    switch self {
    case .file(let name): Self.filePrefix + name
    case .probe(let name): Self.probePrefix + name
    case .unknown(let name): name
    }
  }

  /// Whether a file may have this name: it is one component of a path and leads to no other folder.
  package static func isFileName(_ name: String) -> Bool {
    (1...Limits.fileNameBytes).contains(name.utf8.count) && ![".", ".."].contains(name)
      && !name.utf8.contains(UInt8(ascii: "/")) && !name.hasControlCharacters
  }
}

extension AttachmentName: CustomStringConvertible {
  /// The name as a message shows it.
  package var description: String {
    switch self {
    case .file(let name): "the file \(name.printable) inside"
    case .probe(let name): "the recorded \(name.printable) inside"
    case .unknown(let name): "the attachment \(name.printable) inside"
    }
  }
}

extension Limits {
  /// Attachments of a container. A reference of a model of 100 layers has a few hundred.
  static let attachments = 1 << 16

  /// Bytes of a file's name, as Linux allows them.
  static let fileNameBytes = 255

  /// Files that a container keeps. Released folders have a dozen beside the weights.
  package static let attachedFiles = 256

  /// Bytes of one file that a container keeps. It is held in memory while it is copied. The largest tokenizers have
  /// 35 MB.
  package static let attachedFileBytes = 64 << 20

  /// Bytes of all files that a container keeps. A small container can hold much that compresses well, and an export
  /// writes all of it.
  package static let attachedFilesBytes = 1 << 30
}
