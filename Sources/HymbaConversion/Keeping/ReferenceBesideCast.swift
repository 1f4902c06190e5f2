/// What is said of a reference that stays as it is while the weights beside it are cast to a type that cannot hold all
/// of their values.
///
/// Nobody knows of a recorded file which weights it is of. So the sentence says what was done, and a verification
/// refers to it where the reference differs.
package enum ReferenceBesideCast {
  private static let noteBeginning = "the reference inside is kept as it was recorded, and the weights were cast to "

  /// The sentence for the manifest.
  static func note(_ type: CastType) -> String {
    "\(noteBeginning)\(type.rawValue), so it may be of the weights before that"
  }

  /// Whether a sentence of a manifest is such a note.
  package static func isNote(_ sentence: String) -> Bool { sentence.hasPrefix(noteBeginning) }
}
