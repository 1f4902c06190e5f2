public import HymbaFormat

/// Pickles that are not in a zip archive: PyTorch's form of before version 1.6, and other programs'.
public enum LegacyPickle {
  /// The number 0x1950a86a20f9469cfc6c as the first pickle of a PyTorch file, behind two bytes of protocol.
  private static let magic: [UInt8] = [
    0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]

  /// How pickles of protocols 0 and 1, which have no magic number, begin: with a dictionary, a list, or the
  /// name of what they would run.
  private static let oldBeginnings = [
    "(dp", "(lp", "}q", "]q", "c__builtin__\n", "cbuiltins\n", "cos\n", "cposix\n", "c__main__\n",
    "ccopy_reg\n",
  ].map { Array($0.utf8) }

  /// Whether a file that begins with `prefix` is a pickle.
  public static func isPickle(prefix: [UInt8]) -> Bool {
    guard prefix.count > 1 else { return false }
    return prefix[0] == 0x80 && (2...5).contains(prefix[1])
      || oldBeginnings.contains { prefix.starts(with: $0) }
  }

  /// Why a pickle is refused: it needs what no state dict does, or it is of a form that is not supported.
  public static func refusal(of path: String) throws(FormatError) -> PyTorchError {
    let file = try InputFile(path)
    let bytes = try file.bytes(at: 0, count: min(file.byteCount, Limits.pickleBytes))
    let isPyTorch = bytes.dropFirst(2).starts(with: magic)
    // PyTorch's magic number is followed by a version, facts of the system, and the checkpoint; tensor data
    // follows those.
    var position = isPyTorch ? 2 + magic.count : 0
    do {
      for _ in 0..<(isPyTorch ? 3 : 1) {
        var machine = PickleMachine(bytes, from: position)
        _ = try machine.run()
        position = machine.end
      }
    } catch {
      if case .pickle(.forbiddenGlobal, _) = error { return error }
      // Whatever else is wrong with it: what it is says more.
    }
    return isPyTorch ? .legacy : .plainPickle
  }
}
