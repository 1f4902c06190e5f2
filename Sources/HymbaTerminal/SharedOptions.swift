package import ArgumentParser
package import HymbaConversion
import HymbaFormat

/// The options that say how a command works and what it prints.
package struct WorkOptions: ParsableArguments {
  @Option(
    name: [.short, .long], parsing: .unconditional,
    help: ArgumentHelp("Threads to use; all cores by default.", valueName: "n"))
  package var jobs: Int = Parallel.cores

  @Flag(help: "Print JSON for programs.")
  package var json = false

  @Flag(
    name: [.short, .long],
    help: "Print the verdict, or the listing, alone: no details, notes, warnings and progress.")
  package var quiet = false

  package init() {}

  package func validate() throws {
    guard (1...1024).contains(jobs) else {
      throw ValidationError("--jobs is \(jobs); expected a number from 1 to 1024.")
    }
  }
}

/// The option of every command that reads containers.
package struct BaseOption: ParsableArguments {
  @Option(
    name: .customLong("base"),
    help: ArgumentHelp(
      "Base of a container that holds differences from it.",
      discussion: "Looked for beside the container when not given.", valueName: "container"))
  package var path: String?

  package init() {}
}

/// The options of every command that opens a checkpoint.
package struct SharedOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Configuration of the checkpoint.",
      discussion:
        "Edifice's build options, a config.json of \(ConfigurationFamily.modelNames), or an Architecture in JSON.",
      valueName: "file"))
  package var config: String?

  @Option(
    help: ArgumentHelp(
      "Layout of the checkpoint: a name, a file, or verbatim.",
      discussion: "Found out from names and shapes when not given.", valueName: "layout"),
    completion: LayoutCompletion.kind)
  package var layout: String?

  @OptionGroup package var work: WorkOptions

  package init() {}

  package var opening: OpeningOptions { OpeningOptions(configuration: config, layout: layout) }
  package var jobs: Int { work.jobs }
  package var json: Bool { work.json }
  package var quiet: Bool { work.quiet }
}
