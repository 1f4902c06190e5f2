import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaTerminal

/// The options for a container that holds only what differs from another one.
struct RelativeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Store only what differs from this container, as a fine-tune does from its base.",
      discussion: "The base is needed to read the output, and is looked for beside it.", valueName: "container"))
  var base: String?

  @Option(
    help: ArgumentHelp(
      "Base of a source that holds differences from it.",
      discussion: "Looked for beside the source when not given.", valueName: "container"))
  var sourceBase: String?

  /// Opens the container that `--base` names.
  /// - Throws: `FileDiagnosis` with its path, for a file that is no container and for a container that cannot be read
  ///   without its own base.
  func opened() throws -> ContainerSource? {
    guard let base else { return nil }
    return try naming(base) {
      let container = try ContainerSource.openedBase(base)
      try container.requireBaseOfBase()
      guard container.partCount == 1, container.manifest.part == nil else {
        throw ConversionError.notABase("this is a model in parts, and a base is one container; convert it to one first")
      }
      return container
    }
  }

  /// The note about the output and the base: that the output does not need it, or that a reader would not find it beside
  /// the output; nil where it lies there.
  ///
  /// - Parameters:
  ///   - base: The base that the user named; nil for none.
  ///   - output: The path of the container.
  ///   - manifest: The manifest of the container.
  static func note(on base: ContainerSource?, of output: String, _ manifest: Manifest) -> String? {
    guard let base else { return nil }
    guard manifest.base != nil else {
      return "warning: \(output.printable): no tensor takes fewer bytes relative to \(base.location.printable), so it stands alone"
    }
    let place = FileSystem.path(FileSystem.folder(of: output), FileSystem.name(of: base.location))
    guard FileIdentity(place) != FileIdentity(base.location) else { return nil }
    return "note: \(output.printable): its base lies in another folder; put \(FileSystem.name(of: base.location).printable) beside it, or name it with --base whenever this container is read"
  }
}
