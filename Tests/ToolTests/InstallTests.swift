import Foundation
import HymbaFormat
import HymbaTerminal
import TestSupport
import Testing

@Suite("Installing")
struct InstallTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The path has a space.
  private var prefix: String { folder.file("a prefix") }

  /// Runs a script of the shell, in which `$built`, `$scripts` and `$prefix` are set.
  private func run(_ script: String) throws -> ToolProcess {
    try ToolProcess(
      shell: #"built=$(dirname "$0"); scripts=$1/scripts; prefix=$2; "# + script, "hymba-convert",
      arguments: [Fixture.root, prefix])
  }

  private func install() throws {
    let process = try run(#"exec "$scripts/install" --prefix "$prefix" --built "$built""#)
    try #require(process.status == 0, "\(process.errors)")
    #expect(
      process.output.hasSuffix(
        "scripts/uninstall --prefix '\(prefix)' removes them\nThe programs are in \(prefix)/bin, which is not on PATH yet.\n"))
  }

  @Test("what was installed runs, is installed again, and is removed without anything else")
  func whole() throws {
    try install()
    for tool in ["hymba-convert", "hymba-inspect", "hymba-verify"] {
      let process = try run(#""$prefix"/bin/\#(tool) --version"#)
      #expect(process.output == Terminal.versionLine(of: tool) + "\n")
    }
    try folder.write("", to: "a prefix/share/doc/other")
    try install()
    let process = try run(#""$scripts/uninstall" --prefix="$prefix" && cd "$prefix" && find . | sort"#)
    #expect(
      process.output == "Removed what was installed below \(prefix)\n.\n./share\n./share/doc\n./share/doc/other\n")
    #expect(process.status == 0 && process.errors.isEmpty)
  }

  @Test("every link of an installed document leads to what is installed too")
  func links() throws {
    try install()
    let documents = URL(filePath: prefix + "/share/doc/hymba-checkpoints")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: documents.path)
    var count = 0
    for path in paths where path.hasSuffix(".md") {
      let page = documents.appending(path: path)
      let text = try String(contentsOf: page, encoding: .utf8)
      for link in text.split(separator: "](").dropFirst().compactMap({ $0.split(separator: ")").first }) {
        let target = link.prefix { $0 != "#" }
        guard !target.isEmpty, !target.contains("://") else { continue }
        count += 1
        let file = page.deletingLastPathComponent().appending(path: String(target)).path
        #expect(FileSystem.exists(file), "\(path): \(target)")
      }
    }
    #expect(count > 50)
  }

  @Test("DESTDIR is put in front of the prefix, and the folders that were made are removed again")
  func destination() throws {
    let process = try run(
      #"""
      export DESTDIR="$prefix"
      mkdir "$prefix"
      "$scripts/install" --prefix=/opt/hymba --built "$built" >/dev/null && test -x "$prefix/opt/hymba/bin/hymba-verify" &&
        "$scripts/uninstall" --prefix /opt/hymba >/dev/null && find "$prefix" -mindepth 2
      """#)
    #expect(process.status == 0 && process.output.isEmpty && process.errors.isEmpty)
  }

  @Test(
    "what cannot be done is said in one sentence, and nothing is installed",
    arguments: [
      (#""$scripts/install" --prefix "$0/x""#, 74, "TOOL/x cannot be made, as TOOL is no folder"),
      (
        #""$scripts/install" --prefix /proc/x --built "$built""#, 74,
        "/proc/x cannot be made"
      ),
      (
        #""$scripts/install" --prefix"#, 64, "--prefix needs a folder"
      ),
      (
        #""$scripts/install" --perfix x"#, 64,
        "scripts/install does not know --perfix; scripts/install --help shows what it does"
      ),
      (
        #""$scripts/uninstall" --prefix "$prefix""#, 66,
        "nothing of hymba-checkpoints is installed below PREFIX"
      ),
    ])
  func failures(_ script: String, _ status: Int32, _ message: String) throws {
    let process = try run(script)
    let message = message.replacing("TOOL", with: ToolProcess.binaries + "/hymba-convert")
    #expect(process.status == status && process.output.isEmpty)
    #expect(process.errors == "error: \(message.replacing("PREFIX", with: prefix))\n")
    #expect(!FileSystem.exists(prefix))
  }

  @Test("the list of another program removes nothing")
  func foreignList() throws {
    try folder.makeFolder("a prefix/share/doc/hymba-checkpoints")
    try folder.write("../other\n", to: "a prefix/share/doc/hymba-checkpoints/installed")
    try folder.write("", to: "other")
    let process = try run(#""$scripts/uninstall" --prefix "$prefix""#)
    #expect(process.status == 65 && process.errors.hasSuffix("is not a list that scripts/install wrote\n"))
    #expect(FileSystem.exists(folder.file("other")))
  }

  @Test(
    "bash completes commands, options, values and files",
    .enabled(if: FileSystem.exists("/usr/bin/bash"), "bash is not there"))
  func bash() throws {
    // Files are completed by readline itself.
    try requireCompletions("bash", "complete.bash", ["export", "--compression", "bf16", "", "", "inventory", "hf-jamba-stacked hf-jamba"])
  }

  @Test(
    "fish completes commands, options, values and files",
    .enabled(if: FileSystem.exists("/usr/bin/fish"), "fish is not there"))
  func fish() throws {
    try requireCompletions(
      "fish -N", "complete.fish", ["export", "--compression", "bf16", "samples/", "samples/", "inventory", "hf-jamba-stacked hf-jamba"])
  }

  @Test(
    "zsh completes commands, options, values and files",
    .enabled(if: FileSystem.exists("/usr/bin/zsh"), "zsh is not there"))
  func zsh() throws {
    try requireCompletions(
      "zsh -f", "complete.zsh",
      [
        "hymba-convert export ", "hymba-convert checkpoints --compression ", "hymba-verify forward --like bf16 ",
        "hymba-convert export samples/", "hymba-verify forward --expect samples/",
        "hymba-verify forward --checks inventory ", "hymba-inspect audit --layout hf-jamba",
      ])
  }

  private func requireCompletions(_ shell: String, _ script: String, _ expected: [String]) throws {
    try install()
    let process = try run(
      #"""
      cd "$1"
      \#(shell) Tests/Fixtures/shells/\#(script) "$prefix" 'hymba-convert ex' \
        'hymba-convert checkpoints --compr' 'hymba-verify forward --like b' \
        'hymba-convert export sampl' 'hymba-verify forward --expect sampl' \
        'hymba-verify forward --checks inv' 'hymba-inspect audit --layout hf-jam'
      """#)
    #expect(process.output == expected.map { $0 + "\n" }.joined(), "\(process.errors)")
  }
}
