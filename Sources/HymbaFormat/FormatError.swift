/// An error in reading or writing the files of this module. It says what was found and what was expected.
public enum FormatError: Diagnosis, Equatable {
  // Shapes, names and ranges.
  case invalidShape([Int], String)
  case invalidName(String, String)
  case duplicateName(String)
  case noSuchTensor(String)
  case rangeOutsideTensor(String, offset: Int, count: Int, available: Int)

  // Files.
  case notFound
  case linkLeadsNowhere(String)
  case linkLoop
  case isFolder
  case notARegularFile
  case cannotRead(String)
  case endsEarly(offset: Int, wanted: Int, fileBytes: Int)
  case outputExists
  case outputBusy
  case cannotWrite(String)
  case notEnoughSpace(needed: Int, available: Int)

  // JSON.
  case json(JSONProblem, offset: Int)

  // Safetensors.
  case notSafetensors(String)
  case headerTooLarge(declared: UInt64, limit: Int)
  case headerBeyondFile(declared: UInt64, fileBytes: Int)
  case headerNotUTF8(offset: Int)
  case unknownElementType(tensor: String, type: String)
  case missingField(tensor: String, field: String)
  case offsetsReversed(tensor: String, begin: Int, end: Int)
  case sizeMismatch(tensor: String, type: String, shape: String, expected: Int, found: Int)
  case hole(before: String, expected: Int, found: Int)
  case overlap(tensor: String, expected: Int, found: Int)
  case dataBeyondFile(tensor: String, end: Int, available: Int)
  case trailingBytes(Int)

  // Sharded checkpoints.
  case indexInvalid(String)
  case shardsMissing([String])
  case shardDisagrees(tensor: String, indexSays: String?, foundIn: String?)
  case tooManyShards(Int, limit: Int)

  // Models in parts.
  /// What does not belong together.
  case partDisagrees(String)
  /// The numbers of parts that are not there.
  case partsMissing([Int], of: Int)
  /// A file has the name of a part that is to be written, and is another.
  case partInTheWay(String)
  /// A file has the name of a part that is not to be written now, and does not belong to those that are.
  case partUnfit(String, number: Int)
  case partsImpossible(String)

  // The container.
  case notAContainer
  /// The file claims to be a container or may be one, and its header cannot be read for this reason.
  indirect case notAReadableContainer(FormatError)
  case newerMajorVersion(String)
  case containerHeader(String)
  case manifestDamaged(expected: String, found: String)
  case manifestInvalid(String)
  case reservedName(String)
  case tooManyMarks(in: String)
  case sectionDamaged(tensor: String, String)
  /// The full name of the attachment, and what is wrong with it.
  case attachmentDamaged(String, String)
  /// The full name of an attachment that a tensor has, too.
  case attachmentNameTaken(String)
  case base(BaseProblem)
  case writtenDiffers(tensor: String)
  case writtenUnreadable(String)

  // HDF5.
  case hdf5(HDF5Problem)

  public var kind: FailureKind {
    switch self {
    case .notFound, .linkLeadsNowhere, .linkLoop, .shardsMissing, .partsMissing: .noInput
    case .outputExists, .partInTheWay, .partUnfit: .outputExists
    case .outputBusy, .cannotRead, .cannotWrite, .notEnoughSpace, .writtenDiffers,
      .writtenUnreadable, .hdf5(.noMemory):
      .inputOutput
    case .sectionDamaged, .attachmentDamaged, .attachmentNameTaken, .shardDisagrees, .partDisagrees, .reservedName, .tooManyMarks, .hdf5(.damaged): .wrong
    case .tooManyShards, .partsImpossible: .usage
    case .base(let problem): problem.kind
    default: .unreadable
    }
  }

  public var advice: String? {
    switch self {
    case .sectionDamaged, .attachmentDamaged, .manifestDamaged, .containerHeader:
      "copy, download or convert the checkpoint again"
    case .dataBeyondFile, .headerBeyondFile:
      "it was cut short, or is damaged: copy or download it again"
    case .notAReadableContainer(let why): why.advice
    default: nil
    }
  }
}

extension FormatError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidShape(let shape, let why): "the shape \(Self.shown(shape)) \(why)"
    case .invalidName(let name, let why): "the tensor name “\(name.printable)” \(why)"
    case .duplicateName(let name): "the tensor “\(name.printable)” is listed twice"
    case .noSuchTensor(let name): "there is no tensor “\(name.printable)”"
    case .rangeOutsideTensor(let name, let offset, let count, let available):
      "bytes \(offset)..<\(offset &+ count) were asked of “\(name.printable)”, which has \(available)"
    case .notFound: "no such file or folder"
    case .linkLeadsNowhere(let target): "is a link to \(target.printable), which is not there"
    case .linkLoop: "is a link that leads back to itself"
    case .isFolder: "this is a folder, and a file is expected"
    case .notARegularFile:
      "this is a pipe, a socket or a device and no file; save what comes from it to a file first"
    case .cannotRead(let why): "cannot be read: \(why)"
    case .endsEarly(let offset, let wanted, let bytes):
      "the file ends early: \(wanted) bytes at offset \(offset) were expected, but it has \(bytes) bytes"
    case .outputExists: "exists already"
    case .outputBusy: "another program is writing into this folder; wait until it has ended"
    case .cannotWrite(let why): "cannot be written: \(why)"
    case .notEnoughSpace(let needed, let available):
      "needs up to \(needed) bytes of disk space and \(available) are free"
    case .json(let problem, let offset):
      "\(problem.isLimit ? "the JSON has" : "not valid JSON:") \(problem) at byte \(offset)"
    case .notSafetensors(let why): "not a safetensors file: \(why)"
    case .headerTooLarge(let declared, let limit):
      "declares a header of \(declared) bytes; the format allows \(limit)"
    case .headerBeyondFile(let declared, let bytes):
      "declares a header of \(declared) bytes, but the file has \(bytes)"
    case .headerNotUTF8(let offset): "the header is not UTF-8 at byte \(offset)"
    case .unknownElementType(let tensor, let type):
      "the tensor “\(tensor.printable)” has the element type “\(type.printable)”, which is not supported"
    case .missingField(let tensor, let field):
      "the tensor “\(tensor.printable)” has no valid “\(field)” in the header"
    case .offsetsReversed(let tensor, let begin, let end):
      begin < 0
        ? "the tensor “\(tensor.printable)” begins at \(begin), before the data"
        : "the tensor “\(tensor.printable)” ends at \(end), before it begins at \(begin)"
    case .sizeMismatch(let tensor, let type, let shape, let expected, let found):
      "the tensor “\(tensor.printable)” has \(found) bytes, but \(type) \(shape) needs \(expected)"
    case .hole(let tensor, let expected, let found):
      "bytes \(expected)..<\(found) before the tensor “\(tensor.printable)” belong to no tensor"
    case .overlap(let tensor, let expected, let found):
      "the tensor “\(tensor.printable)” begins at \(found), inside the tensor before it, which ends at \(expected)"
    case .dataBeyondFile(let tensor, let end, let available):
      "the tensor “\(tensor.printable)” ends at byte \(end) of the data, but the file holds \(available)"
    case .trailingBytes(let count): "\(count) bytes at the end of the file belong to no tensor"
    case .indexInvalid(let why): "the index is not valid: \(why)"
    case .shardsMissing(let names):
      names.count == 1
        ? "the index names the file “\(names[0].printable)”, which is not there"
        : "the index names \(listed(names)), which are not there"
    case .shardDisagrees(let tensor, let index, let shard):
      switch (index, shard) {
      case (let index?, let shard?):
        "the index puts the tensor “\(tensor.printable)” into \(index.printable), but it is in \(shard.printable)"
      case (let index?, nil):
        "the index puts the tensor “\(tensor.printable)” into \(index.printable), which does not have it"
      default:
        "\((shard ?? "").printable) holds the tensor “\(tensor.printable)”, which the index does not name there"
      }
    case .tooManyShards(let count, let limit):
      "makes \(count) shards, and at most \(limit) are written"
    case .partDisagrees(let why): "this does not belong here: \(why)"
    case .partsMissing(let numbers, let count):
      "\(numbers.count) of \(count) parts are not there: \(Self.shown(parts: numbers))"
    case .partInTheWay(let why): "exists already, and is not the part to be written: \(why)"
    case .partUnfit(let why, _): "is not the part that these options make: \(why)"
    case .partsImpossible(let why): why
    case .notAContainer: "not a .hymba container"
    case .notAReadableContainer(let why):
      "the header is damaged, or this is no .hymba container: \(why)"
    case .newerMajorVersion(let version):
      "this is container version \(version.printable); this program reads versions 1 and 2: use a newer one"
    case .containerHeader(let why): "the header is damaged: \(why)"
    case .manifestDamaged(let expected, let found):
      "the manifest is damaged: its SHA-256 is \(found), the header says \(expected.printable)"
    case .manifestInvalid(let why): "the manifest is not valid: \(why)"
    case .reservedName(let name):
      name.hasControlCharacters
        ? "the tensor name “\(name.printable)” cannot be stored: it has control or format characters; rename the tensor where the checkpoint was made"
        : "the tensor name “\(name.printable)” cannot be stored: the file has an entry of this name itself; rename the tensor where the checkpoint was made"
    case .tooManyMarks(let place):
      "\(place) has more than \(Limits.combiningMarks) combining marks in a row, which no reader accepts"
    case .sectionDamaged(let tensor, let why):
      "the tensor “\(tensor.printable)” is damaged: \(why)"
    case .attachmentDamaged(let name, let why):
      "\(ContainerDamage.Part.attachment(name)) is damaged: \(why)"
    case .attachmentNameTaken(let name):
      "a tensor has the name “\(name.printable)”, under which something else would be kept beside the tensors; rename the tensor where the checkpoint was made, or keep less"
    case .base(let problem): "\(problem)"
    case .writtenDiffers(let tensor):
      "the tensor “\(tensor.printable)” was read back other than it was written, so nothing was kept: check the disk and the memory, and that the source does not change"
    case .writtenUnreadable(let why):
      "what was written cannot be opened again, so nothing was kept: \(why)"
    case .hdf5(let problem): "\(problem)"
    }
  }
}

extension FormatError {
  /// The first dimensions that a shape of too many is shown with. Readers keep no more of them than tell that there are
  /// too many.
  private static let shownDimensions = 8

  private static func shown(parts: [Int]) -> String {
    parts.prefix(shownDimensions).map(String.init).joined(separator: ", ")
      + (parts.count > shownDimensions ? ", …" : "")
  }

  private static func shown(_ shape: [Int]) -> String {
    guard shape.count > Limits.maximumRank else { return "\(shape)" }
    return "[" + shape.prefix(shownDimensions).map(String.init).joined(separator: ", ") + ", …]"
  }

  /// Opens a file that was just written, before it gets its name.
  /// - Throws: ``writtenUnreadable(_:)`` when the reader refuses the file.
  package static func readingBack<Source>(_ open: () throws -> Source) throws -> Source {
    do {
      return try open()
    } catch let error as FileDiagnosis {
      throw writtenUnreadable("\(error.cause)")
    } catch let error as any Diagnosis {
      throw writtenUnreadable("\(error)")
    }
  }
}

/// What is wrong with a JSON text.
public enum JSONProblem: Equatable, Sendable, CustomStringConvertible {
  case expected(String)
  case found(String, insteadOf: String)
  case unexpectedEnd
  case duplicateKey(String)
  case tooDeep
  case badEscape
  case loneSurrogate
  case tooManyMarks
  case badNumber
  case trailingText
  case notUTF8

  /// Whether the text is valid JSON that exceeds a limit of this reader.
  var isLimit: Bool { self == .tooDeep || self == .tooManyMarks }

  public var description: String {
    switch self {
    case .expected(let what): "expected \(what)"
    case .found(let found, let what): "expected \(what) and found \(found)"
    case .unexpectedEnd: "the text ends early"
    case .duplicateKey(let key): "the key “\(key.printable)” is given twice"
    case .tooDeep: "more than the \(Limits.jsonDepth) nested levels that are read here"
    case .badEscape: "an invalid escape or control character in a string"
    case .loneSurrogate: "the escape of half a surrogate pair, which is no character,"
    case .tooManyMarks:
      "a string with more than the \(Limits.combiningMarks) combining marks in a row that are read here"
    case .badNumber: "an invalid number"
    case .trailingText: "text after the end"
    case .notUTF8: "invalid UTF-8"
    }
  }
}
