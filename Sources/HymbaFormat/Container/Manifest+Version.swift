extension Manifest {
  static let majorVersion = 2
  /// The newest version that is written and understood.
  package static let newestVersion = baseVersion
  static let firstVersion = "1.0"
  /// The version that added opaque element types, and the names that version 1.0 reserved for itself.
  static let secondVersion = "1.1"
  /// The version that added the variant of the source's names as an object beside the sentence.
  static let thirdVersion = "1.2"
  /// The version that added attachments.
  static let fourthVersion = "1.3"
  /// The version that added parts.
  static let fifthVersion = "1.4"

  /// The first version that can describe these tensors and this layout, with attachments or without, relative to
  /// a base or not. So older programs can read every container that they understand.
  static func version(
    for tensors: TensorTable, _ layout: LayoutReference, hasAttachments: Bool, isRelative: Bool = false
  ) -> String {
    guard !isRelative else { return baseVersion }
    guard !hasAttachments else { return fourthVersion }
    guard layout.variant.isPlain else { return thirdVersion }
    let isNew = tensors.contains { tensor in
      tensor.type.isOpaque || tensor.name.utf8.starts(with: "hymba.".utf8)
        || tensor.name.utf8.suffix(StoredTensor.sectionSuffix.utf8.count).elementsEqual(
          StoredTensor.sectionSuffix.utf8)
    }
    return isNew || tensors.hasEquivalentNames ? secondVersion : firstVersion
  }

  /// Whether files of this version have attachments, and may have further entries that a later version added.
  var mayHaveAttachments: Bool {
    // Of the first major version, the second part alone counts.
    !isOfFirstMajorVersion || minorVersion >= 3
  }

  /// Whether files of this version may be parts.
  var mayBePart: Bool { !isOfFirstMajorVersion || minorVersion >= 4 }

  /// Whether this is a file of version 1: it stands alone.
  var isOfFirstMajorVersion: Bool { Self.isOfFirstMajorVersion(formatVersion) }

  static func isOfFirstMajorVersion(_ version: String) -> Bool {
    version.split(separator: ".").first.flatMap { Int($0) } == 1
  }

  private var minorVersion: Int { formatVersion.split(separator: ".").last.flatMap { Int($0) } ?? 0 }
}

extension TensorTable {
  /// Whether two names have different bytes but are canonically equivalent in Unicode: Swift compares them as
  /// equal.
  fileprivate var hasEquivalentNames: Bool {
    guard contains(where: { !$0.name.utf8.allSatisfy { $0 < 0x80 } }) else { return false }
    return Set(map(\.name)).count < count
  }
}
