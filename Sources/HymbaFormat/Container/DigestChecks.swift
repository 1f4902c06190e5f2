import Synchronization

/// Records which stored tensors were compared with their digests since the container was opened.
///
/// A caller may read parts of tensors, in any order, on several threads. It could then copy damage without ever
/// seeing a whole tensor. So each tensor is compared before its first bytes are returned. The exception is a
/// reading of a whole tensor: it returns bytes at once, and throws with the last of them.
final class DigestChecks: Sendable {
  private let checks = Mutex<[Int: Check]>([:])

  /// The state of one tensor. While one thread compares it, other threads that need it wait.
  private final class Check: Sendable {
    let isGood = Mutex(false)
  }

  /// Runs `compare` unless the tensor at `position` was found good before.
  /// - Throws: What `compare` throws. The tensor does not count as good then.
  func require(_ position: Int, _ compare: () throws -> Void) throws {
    try check(position).isGood.withLock { isGood in
      guard !isGood else { return }
      try compare()
      isGood = true
    }
  }

  /// Whether the tensor at `position` was found good.
  func isGood(_ position: Int) -> Bool { check(position).isGood.withLock { $0 } }

  /// Notes that the tensor at `position` was found good.
  func note(_ position: Int) { check(position).isGood.withLock { $0 = true } }

  private func check(_ position: Int) -> Check {
    checks.withLock { checks in
      if let known = checks[position] { return known }
      let new = Check()
      checks[position] = new
      return new
    }
  }
}

extension InputFile {
  /// The bytes that are read and hashed at once. They stay in a core's cache.
  private static let hashedBytes = 256 << 10

  /// The XXH3-128 of a range of the file.
  /// - Throws: ``FormatError/cannotRead(_:)``, ``FormatError/endsEarly(offset:wanted:fileBytes:)``.
  /// - Complexity: Reads the range once, in constant memory.
  func xxh3(of range: Range<Int>) throws(FormatError) -> XXH3Digest {
    var hasher = try XXH3Hasher()
    try hash(range, into: &hasher)
    return hasher.finalize()
  }

  /// Adds a range of the file to a digest.
  func hash(_ range: Range<Int>, into hasher: inout XXH3Hasher) throws(FormatError) {
    var window = [UInt8](repeating: 0, count: min(Self.hashedBytes, range.count))
    var position = range.lowerBound
    while position < range.upperBound {
      let count = min(window.count, range.upperBound - position)
      try window.withMutableBytes(0..<count) { bytes throws(FormatError) in
        try read(at: position, into: &bytes)
      }
      hasher.update(window.raw.extracting(0..<count))
      position += count
    }
  }
}
