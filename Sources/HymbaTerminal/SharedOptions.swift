public import ArgumentParser
public import HymbaConversion
import HymbaFormat

/// What every tool takes.
public struct SharedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Configuration of the checkpoint.",
      discussion: "Edifice's build options, or an Architecture in JSON.", valueName: "file"))
  public var config: String?

  @Option(
    help: ArgumentHelp(
      "Layout of the checkpoint: a name, a file, or verbatim.",
      discussion: "Found out from names and shapes when not given.", valueName: "layout"))
  public var layout: String?

  @Option(help: ArgumentHelp("Threads to use; all cores by default.", valueName: "n"))
  public var jobs: Int = Parallel.cores

  @Flag(help: "Print JSON for programs.")
  public var json = false

  @Flag(help: "Print errors only, no warnings and no progress.")
  public var quiet = false

  public init() {}

  public func validate() throws {
    guard (1...1024).contains(jobs) else {
      throw ValidationError("--jobs is \(jobs); expected a number from 1 to 1024.")
    }
  }

  public var opening: OpeningOptions { OpeningOptions(configuration: config, layout: layout) }
}
