public import ArgumentParser
public import HymbaConversion
import HymbaFormat

/// How a command works and what it prints.
public struct WorkOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads to use; all cores by default.", valueName: "n"))
  public var jobs: Int = Parallel.cores

  @Flag(help: "Print JSON for programs.")
  public var json = false

  @Flag(help: "Print no warnings and no progress.")
  public var quiet = false

  public init() {}

  public func validate() throws {
    guard (1...1024).contains(jobs) else {
      throw ValidationError("--jobs is \(jobs); expected a number from 1 to 1024.")
    }
  }
}

/// What every command takes that opens a checkpoint.
public struct SharedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Configuration of the checkpoint.",
      discussion:
        "Edifice's build options, a config.json of \(ConfigurationFamily.modelNames), or an Architecture in JSON.",
      valueName: "file"))
  public var config: String?

  @Option(
    help: ArgumentHelp(
      "Layout of the checkpoint: a name, a file, or verbatim.",
      discussion: "Found out from names and shapes when not given.", valueName: "layout"))
  public var layout: String?

  @OptionGroup public var work: WorkOptions

  public init() {}

  public var opening: OpeningOptions { OpeningOptions(configuration: config, layout: layout) }
  public var jobs: Int { work.jobs }
  public var json: Bool { work.json }
  public var quiet: Bool { work.quiet }
}
