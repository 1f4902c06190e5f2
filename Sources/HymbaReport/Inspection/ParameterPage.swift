import HymbaFormat
import HymbaInspection

/// The report of `hymba-inspect parameters` as a page: where the bytes are, and where statistics were made, what the
/// values look like over the layers.
package struct ParameterPage {
  private let listings: [ParameterListing]
  private let maker: String

  /// - Parameters:
  ///   - listings: One checkpoint or more.
  ///   - maker: The tool and its version.
  package init(_ listings: [ParameterListing], maker: String) {
    self.listings = listings
    self.maker = maker
  }

  package var page: Page {
    Page(
      title: listings.count == 1
        ? "Parameters of \(SourceName.short(listings[0].source))" : "Parameters of \(listings.count) checkpoints",
      verdict: verdict, listings.flatMap(sections), maker: maker)
  }

  /// What the flags say; nil where no statistics were made.
  private var verdict: Verdict? {
    let lines = listings.flatMap(\.parameters)
    guard lines.contains(where: { $0.flags != nil }) else { return nil }
    let flags = Set(lines.flatMap { $0.flags ?? [] })
    func count(_ severity: Finding.Severity) -> Int { flags.count { $0.severity == severity } }
    let texts = Finding.Severity.allCases.compactMap { severity in
      count(severity) == 0
        ? nil : "\(count(severity)) \(severity.rawValue)\(count(severity) == 1 ? "" : "s")"
    }
    guard !texts.isEmpty else { return Verdict("The values show nothing that is known to be wrong.", .good) }
    return Verdict(
      "About the values: \(texts.joined(separator: ", ")).",
      count(.error) > 0 ? .bad : count(.warning) > 0 ? .warning : .plain)
  }

  private func sections(of listing: ParameterListing) -> [Section] {
    let values = ValueSections(listing)
    let sections =
      [Section("What it holds", [.facts(facts(of: listing))])] + values.first
      + [Section("Where the bytes are", SizeSection(listing).blocks)] + values.byLayer
      + [Section("All parameters", [.foldedTable(values.table)])]
    guard listings.count > 1 else { return sections }
    return sections.map { Section("\(listing.source): \($0.heading)", $0.blocks) }
  }

  private func facts(of listing: ParameterListing) -> [Fact] {
    var facts = [
      Fact("checkpoint", SourceName.short(listing.source)), Fact("layout", listing.layout),
      Fact("parameters", "\(listing.totalParameters.groupedText) in \(listing.parameters.count.groupedText) tensors"),
      Fact("bytes", "\(listing.totalBytes.byteText), stored in \(listing.storedBytes.byteText)"),
    ]
    if let fingerprint = listing.fingerprint {
      let basis = listing.fingerprintBasis == .manifest ? " (as the manifest says; the tensors were not read)" : ""
      facts.append(Fact("fingerprint", fingerprint + basis))
    }
    if !listing.assumptions.isEmpty { facts.append(Fact("assumed", listing.assumptions)) }
    if !listing.notes.isEmpty { facts.append(Fact("notes", listing.notes)) }
    let metadata = (listing.metadata ?? [:]).sorted { $0.key < $1.key }
    if !metadata.isEmpty { facts.append(Fact("metadata", metadata.map { "\($0.key): \($0.value)" })) }
    return facts
  }
}
