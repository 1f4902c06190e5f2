import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaReport
import HymbaTerminal

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what differs between two checkpoints, and why.",
    usage: "hymba-inspect diff <a> <b> [<options>]",
    discussion: """
      The checkpoints may have different formats and layouts. The exit code is 1 where they differ.

      Examples:
        hymba-inspect diff Hymba-1.5B-Base hymba.hymba
        hymba-inspect diff base.hymba fine-tuned.safetensors --json
      """)

  @Argument(help: "The first checkpoint: a file or a folder.")
  var a: String

  @Argument(help: "The second checkpoint, which is explained by the first.")
  var b: String

  @Option(
    help: ArgumentHelp(
      "Configuration for what a checkpoint alone leaves to be assumed, such as a number of heads.",
      valueName: "file"))
  var config: String?

  @OptionGroup var base: BaseOption

  @OptionGroup var reports: ReportOptions

  @OptionGroup var work: WorkOptions

  func run() throws {
    try ToolRun.perform {
      let outputs = try reports.outputs(apartFrom: [a, b])
      let difference = try difference()
      if work.json {
        try Terminal.show(json: DifferenceReport(difference))
      } else {
        Terminal.show(
          lines: work.quiet
            ? [DifferenceEntry.counts(of: difference)]
            : DifferenceText(difference).lines(width: Terminal.width ?? 80))
      }
      try outputs.write { DifferencePage(difference, maker: $0).page }
      if !difference.isEqual { throw ExitCode(FailureKind.wrong) }
    }
  }

  private func difference() throws -> CheckpointDifference {
    do {
      return try compared(CheckpointPair.open(a, b, settlingBy: config, base: base.path))
    } catch let error as FileDiagnosis {
      // Copies of a tensor that differ are no parameter, and are just what the user looks for.
      guard case .copiesDiffer? = error.cause as? ConversionError else { throw error }
      Terminal.warn(
        ["compared by the names in the files: \(error.cause)"], of: error.location, quiet: work.quiet)
      return try compared(CheckpointPair.open(a, b, names: .own, settlingBy: config, base: base.path))
    }
  }

  private func compared(_ pair: CheckpointPair) throws -> CheckpointDifference {
    for model in pair.models { model.showWarnings(quiet: work.quiet) }
    // That a checkpoint is no model at all is no detail, and the counts alone would hide it.
    let isQuiet = work.quiet && pair.models.count == 2
    for remark in pair.remarks { Terminal.warn([remark.sentence], of: remark.location, quiet: isQuiet) }
    let comparing = ProgressBar("comparing", total: pair.bytes, quiet: work.quiet)
    var explaining: ProgressBar?
    defer { (explaining ?? comparing).finish() }
    return try CheckpointDifference(pair, jobs: work.jobs) { progress in
      switch progress {
      case .compared(let bytes): comparing.advance(by: bytes)
      case .explained(let done, let total):
        let bar = explaining ?? ProgressBar("explaining", total: total, quiet: work.quiet)
        explaining = bar
        bar.set(done)
      }
    }
  }
}
