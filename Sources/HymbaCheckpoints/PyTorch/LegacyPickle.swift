public import HymbaFormat

/// Pickles outside a zip archive: PyTorch's format before version 1.6, and the pickles of other programs.
public enum LegacyPickle {
  /// The first pickle of a PyTorch file without its beginning: the number 0x1950a86a20f9469cfc6c, and the
  /// opcode STOP. Before it are two bytes of protocol and, from protocol 4 on, nine bytes of a frame.
  private static let magic: [UInt8] = [
    0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]
  /// The same number and STOP in protocols 0 and 1.
  private static let textMagic = Array("L119547037146038801333356L\n.".utf8)
  private static let version = 1001

  /// How pickles of protocols 0 and 1 from other programs begin: with a dictionary, a list, or the name of what
  /// they would run.
  private static let oldBeginnings = [
    "(dp", "(lp", "}q", "]q", "c__builtin__\n", "cbuiltins\n", "cos\n", "cposix\n", "c__main__\n",
    "ccopy_reg\n",
  ].map { Array($0.utf8) }

  /// Whether a file that begins with `prefix` is a pickle.
  package static func isPickle(prefix: [UInt8]) -> Bool {
    guard prefix.count > 1 else { return false }
    return prefix[0] == 0x80 && (2...5).contains(prefix[1])
      || oldBeginnings.contains { prefix.starts(with: $0) }
      || prefix.starts(with: textMagic.dropLast(2))
  }

  /// Position of the pickle after the magic number; nil when the number is not there.
  private static func begin(_ bytes: [UInt8]) -> Int? {
    if bytes.starts(with: textMagic) { return textMagic.count }
    return [2, 11].first { bytes.dropFirst($0).starts(with: magic) }.map { $0 + magic.count }
  }

  /// Opens a PyTorch file from before version 1.6. Reads its pickles, but no tensor data.
  /// - Throws: ``PyTorchError``, also for a pickle of something else; `FormatError`.
  public static func open(_ path: String) throws -> any CheckpointSource {
    let file = try InputFile(path)
    let bytes = try file.bytes(at: 0, count: min(file.byteCount, Limits.pickleBytes))
    guard var position = begin(bytes) else { throw otherPickle(bytes) }
    // After the magic number come five things: the version, facts about the machine, the checkpoint, the list
    // of its storages, and the storages themselves.
    func next() throws(PyTorchError) -> (value: PickleValue, objects: PickleObjects) {
      var machine = PickleMachine(bytes, from: position)
      do throws(PyTorchError) {
        let value = try machine.run()
        position = machine.end
        return (value, machine.objects)
      } catch .pickle(.endsEarly, at: let at) where bytes.count < file.byteCount {
        throw .pickle(.tooMany("bytes", limit: Limits.pickleBytes), at: at)
      }
    }
    guard case .integer(version) = try next().value else { throw PyTorchError.version }
    _ = try next()
    let checkpoint = try next()
    let keys = try next()
    let storages = try LegacyStorages(
      texts(keys.value, keys.objects), from: position, of: file,
      declared: checkpoint.objects.storages)
    return try PyTorchSource(
      checkpoint.value, checkpoint.objects, storages, at: path,
      SourceFile(name: FileSystem.name(of: path), bytes: file.byteCount))
  }

  /// The elements of a list, all of which must be texts.
  private static func texts(
    _ list: PickleValue, _ objects: PickleObjects
  ) throws(PyTorchError) -> [String] {
    guard case .list(let list) = list else { throw .storageKeys(found: list.kind) }
    var texts: [String] = []
    for key in objects.lists[list] {
      guard case .text(let text) = key else { throw .storageKeys(found: key.kind) }
      texts.append(objects.texts[text])
    }
    return texts
  }

  /// The error for a pickle without PyTorch's magic number.
  private static func otherPickle(_ bytes: [UInt8]) -> PyTorchError {
    var machine = PickleMachine(bytes)
    // An error in the pickle is ignored: what kind of pickle this is says more.
    _ = try? machine.run()
    return machine.objects.storages.isEmpty
      ? .plainPickle(unrun: machine.objects.unrun) : .unpackedArchive
  }
}
