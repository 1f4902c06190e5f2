import TestSupport

/// `hymba-verify forward` on the recorded set that is quickest to run.
enum ForwardRun {
  static let model = Fixture.folder("hymba-nvidia-tiny")
  /// Its input and 23 captures.
  static let recorded = Fixture.path("hymba-nvidia-tiny", "expected.safetensors")

  static func verify(_ options: String...) throws -> ToolProcess {
    try ToolProcess("hymba-verify", arguments: ["forward", model] + options)
  }
}
