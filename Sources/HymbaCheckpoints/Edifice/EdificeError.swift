public import HymbaFormat

/// Everything that can be wrong with an `.nx` file, with what was found and where.
public enum EdificeError: Diagnosis, Equatable {
  // Errors of the outer file.
  case tooShort(fileBytes: Int)
  case unknownFlag(UInt8)
  case metadataBeyondFile(declared: UInt32, fileBytes: Int)
  case metadataTooLarge(declared: UInt32, limit: Int)
  case specInvalid(String)

  // Errors of the Nx container.
  case sectionTooShort(Int, at: FilePosition)
  case oldContainer(at: FilePosition)
  case notAContainer(at: FilePosition)
  case unknownVersion(UInt8, at: FilePosition)
  case unknownByteOrder(UInt8, at: FilePosition)
  case treeBeyondSection(declared: UInt64, available: Int, at: FilePosition)
  case treeTooLarge(declared: UInt64, limit: Int, at: FilePosition)

  // Errors of external terms.
  case term(TermProblem, at: FilePosition)

  // Errors of the tree.
  case foreignModule(String, at: FilePosition)
  case vectorized(tensor: String, at: FilePosition)
  case axisNames(tensor: String, found: Int, expected: Int, at: FilePosition)
  case tooManyDimensions(tensor: String, found: Int, limit: Int, at: FilePosition)
  case invalid(FormatError, at: FilePosition)

  // Errors of the zlib stream.
  case zlib(ZlibProblem, at: Int)
  case bomb(claimed: Int, fileBytes: Int)

  public var kind: FailureKind {
    switch self {
    case .zlib(let problem, _): problem.kind
    default: .unreadable
    }
  }
}

extension EdificeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooShort(let bytes):
      "not an Edifice checkpoint: it has \(bytes) bytes, and the header alone takes 5"
    case .unknownFlag(let flag):
      "not an Edifice checkpoint: byte 0 is \(flag), and must be 0 (stored) or 1 (zlib)"
    case .metadataBeyondFile(let declared, let bytes):
      "byte 1 declares \(declared) bytes of metadata, but the file has \(bytes)"
    case .metadataTooLarge(let declared, let limit):
      "byte 1 declares \(declared) bytes of metadata; at most \(limit) are accepted"
    case .specInvalid(let why): "the spec in the metadata at byte 5 is not valid: \(why)"
    case .sectionTooShort(let bytes, let at):
      "the tensor section at \(at) has \(bytes) bytes, and its header alone takes 12"
    case .oldContainer(let at):
      "the tensor section at \(at) is the container of Nx 0.5 and earlier, which is not supported"
    case .notAContainer(let at): "the tensor section at \(at) does not begin with “nx”"
    case .unknownVersion(let version, let at):
      "the tensor section has the version \(version) at \(at); only version 1 is known"
    case .unknownByteOrder(let order, let at):
      "the byte order at \(at) is \(order), and must be 0 (little-endian) or 1 (big-endian)"
    case .treeBeyondSection(let declared, let available, let at):
      "the tensor section declares a tree of \(declared) bytes at \(at), but at most \(available) follow"
    case .treeTooLarge(let declared, let limit, let at):
      "the tensor section declares a tree of \(declared) bytes at \(at); at most \(limit) are accepted"
    case .term(let problem, let at): problem.sentence(at)
    case .foreignModule(let module, let at):
      "the container “\(module.printable)” at \(at) is not supported; only \(NxTree.mapModule) is"
    case .vectorized(let tensor, let at):
      "the tensor “\(tensor.printable)” at \(at) has vectorized axes, which are not supported"
    case .axisNames(let tensor, let found, let expected, let at):
      "the tensor “\(tensor.printable)” at \(at) has \(found) axis names for \(expected) dimensions"
    case .tooManyDimensions(let tensor, let found, let limit, let at):
      "the tensor “\(tensor.printable)” at \(at) has \(found) dimensions; at most \(limit) are accepted"
    case .invalid(let cause, let at): "at \(at): \(cause)"
    case .zlib(let problem, let at): "the zlib stream at byte \(at) \(problem)"
    case .bomb(let claimed, let bytes): Limits.bombSentence(claimed: claimed, fileBytes: bytes)
    }
  }
}
