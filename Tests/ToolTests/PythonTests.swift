import Foundation
import TestSupport
import Testing

/// The programs in Python, which are run where Python has what they need. The variable HYMBA_PYTHON names another Python
/// than the first `python3` on the path.
@Suite("Programs in Python")
struct PythonTests {
  private static let python = ProcessInfo.processInfo.environment["HYMBA_PYTHON"] ?? "python3"

  /// Whether Python can import these modules.
  private static func has(_ modules: String) -> Bool { (try? run("-c 'import \(modules)'"))?.status == 0 }

  /// Runs Python in the checkout. `$0` is one of the tools, and the arguments are `$1` and so on.
  private static func run(_ command: String, _ arguments: String...) throws -> ToolProcess {
    try ToolProcess(
      shell: """
        cd '\(Fixture.root)'
        export PYTHONDONTWRITEBYTECODE=1 HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error
        exec \(python) \(command)
        """, "hymba-convert", arguments: arguments)
  }

  @Test(
    "the reader gives back every type of tensor, and raw containers have every name for stock readers",
    .enabled(if: has("numpy, zstandard, safetensors"), "\(python) lacks numpy, zstandard or safetensors"))
  func reader() throws {
    let process = try Self.run(#"Tests/Fixtures/reference/read_hymba_check.py "$(dirname "$0")""#)
    #expect(process.status == 0, "\(process.errors)")
  }

  /// The reference is the original's, so the whole way is checked: the export, and llama.cpp's reading of it.
  @Test(
    "llama.cpp computes the original's logits from exported files",
    .enabled(if: has("xllamacpp, numpy, safetensors"), "\(python) lacks xllamacpp, numpy or safetensors"),
    arguments: ["jamba-tiny", "falcon-h1-tiny", "granite-hybrid-tiny", "mamba-tiny", "falcon-mamba-tiny", "mamba2-tiny"])
  func llamacpp(_ set: String) throws {
    let folder = try TemporaryFolder()
    let model = folder.file("m.gguf")
    let export = try ToolProcess(
      "hymba-convert", "export", Fixture.folder(set), "-o", model, "--dtype", "F32")
    try #require(export.status == 0, "\(export.errors)")
    let process = try Self.run(
      #"samples/python/check_gguf.py "$1" "$2" --tolerance 2e-5"#, model,
      Fixture.path(set, "expected.safetensors"))
    #expect(process.status == 0, "\(process.output)\(process.errors.suffix(400))")
  }

  @Test(
    "the recorder records anew what the originals computed, and the model agrees with it",
    .enabled(if: has("torch, transformers, safetensors"), "\(python) lacks torch, transformers or safetensors"))
  func recorder() throws {
    let folder = try TemporaryFolder()
    let process = try Self.run(#"Tests/Fixtures/reference/record_check.py "$1""#, folder.path)
    try #require(process.status == 0, "\(process.errors)")
    let sets = process.output.split(separator: "\n").map(String.init)
    #expect(sets.count >= 8)
    for name in sets {
      let verified = try ToolProcess(
        "hymba-verify", "forward", Fixture.folder(name), "--expect", folder.file(name + ".safetensors"), "--quiet")
      #expect(verified.status == 0, "\(name)\n\(verified.output)\(verified.errors)")
    }
  }
}
