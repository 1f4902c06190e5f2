import Synchronization

/// The sections that were read last in no order, so that many small ranges of a tensor do not each read its seek
/// table.
final class RecentSections: Sendable {
  private struct Entry {
    let position: Int
    let name: String
    let section: SectionReader
  }

  /// Sections that are kept: a table of the most frames takes 16 MB.
  private static let count = 4

  private let entries = Mutex<[Entry]>([])

  /// The section at a position, under the name by which it is read now.
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
