package import ArgumentParser

/// The options of a command whose result can be a report to look at.
package struct ReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Write a report to look at: a page for a browser (.html), or text for a pull request (.md). May be given for both.",
      valueName: "file"),
    completion: ReportOutput.completion)
  package var report: [String] = []

  @Flag(help: "Replace existing files of --report.")
  package var force = false

  package init() {}

  package func validate() throws {
    guard OutputPlace.areDistinct(report) else {
      throw ValidationError("--report names the same file twice; give each report its own name.")
    }
    guard report.isEmpty == false || !force else {
      throw ValidationError("--force is of --report, which is not given.")
    }
  }

  /// The files, checked before the work.
  ///
  /// - Parameter files: The files and folders that are read.
  /// - Throws: As ``ReportOutput/init(_:replace:)`` and ``ReportOutput/requireApart(from:)``.
  package func outputs(apartFrom files: [String]) throws -> [ReportOutput] {
    try report.map {
      let output = try ReportOutput($0, replace: force)
      try output.requireApart(from: files)
      return output
    }
  }
}
