import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal
import HymbaVerification

/// What a forward pass is compared with, and by which checks.
extension Forward {
  /// The reference: the one that is given, or else the one that the container keeps with its own input.
  func reference(for model: OpenedModel, _ map: NameMap?) throws -> Reference? {
    let reference = try expect.map { try Reference($0, .captures, names: map) } ?? kept(with: model)
    if reference == nil {
      if like != nil { throw VerificationError.noReference("--like") }
      if nmse != nil { throw VerificationError.noReference("--nmse") }
      if checks != nil, try chosenChecks().contains(.reference) {
        throw VerificationError.noReference("--checks reference")
      }
    }
    return reference
  }

  private func kept(with model: OpenedModel) throws -> Reference? {
    guard !noReference, try chosenChecks().contains(.reference),
      let kept = try Reference(keptWith: model)
    else { return nil }
    guard !prompt.isGiven, input == nil else {
      if !shared.quiet {
        Terminal.note(
          "note: \(source.printable): \(kept.name.printable) is left aside, as another input is given")
      }
      return nil
    }
    return kept
  }

  func chosenChecks() throws -> Set<CheckGroup> {
    guard let checks else { return quick ? CheckGroup.quick : Set(CheckGroup.allCases) }
    let names = checks.split(separator: ",", omittingEmptySubsequences: false)
    return Set(
      try names.map { name in
        let name = name.split(separator: " ").joined(separator: " ")
        // A report names checks, of which some groups have several.
        guard
          let group = CheckGroup(rawValue: name) ?? CheckGroup.allCases.first(where: { $0.names.contains(name) })
        else {
          let meant = name.nearest(among: CheckGroup.allCases.map(\.rawValue))
          throw ValidationError(
            "--checks names “\(name.printable)”, which is no check\(meant.map { " (did you mean \($0)?)" } ?? ""); there are \(CheckGroup.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return group
      })
  }
}
