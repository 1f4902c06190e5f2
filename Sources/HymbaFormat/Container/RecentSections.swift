import Synchronization

/// The sections that were opened last by reads of ranges in any order. So many small reads of a tensor do not
/// each read its seek table again.
final class RecentSections: Sendable {
  private struct Entry {
    let position: Int
    let name: String
    let section: SectionReader
  }

  /// The number of sections that are kept. The largest seek table takes 16 MB in memory.
  private static let count = 4

  private let entries = Mutex<[Entry]>([])

  /// The section of the stored tensor at a position, under the name by which it is read now. Calls `open` if it
  /// is not kept.
  func section(
    _ position: Int, _ name: String, open: () throws(FormatError) -> SectionReader
  ) throws(FormatError) -> SectionReader {
    let known = entries.withLock { entries in
      entries.first { $0.position == position && $0.name == name }?.section
    }
    if let known { return known }
    let section = try open()
    entries.withLock { entries in
      if entries.count == Self.count { entries.removeFirst() }
      entries.append(Entry(position: position, name: name, section: section))
    }
    return section
  }
}
