import ArgumentParser

/// The completions of a tool for a shell, as ArgumentParser makes them, with files wherever nothing else is known.
/// Nearly every value is a file, and so may be the first word, because each tool has a default command.
struct CompletionScript {
  let text: String

  private static let option = "--generate-completion-script"

  /// Whether this process was started to make a script.
  static var isAsked: Bool { CommandLine.arguments.contains { $0.hasPrefix(option) } }

  /// - Returns: Nil unless the arguments ask for completions, and ask for those of a known shell.
  init?(of tool: any ParsableCommand.Type, arguments: [String]) {
    let value =
      arguments.first { $0.hasPrefix(Self.option + "=") }.map { String($0.dropFirst(Self.option.count + 1)) }
      ?? arguments.firstIndex(of: Self.option).flatMap { arguments.dropFirst($0 + 1).first }
    guard let value, let shell = CompletionShell(rawValue: value) else { return nil }
    let script = tool.completionScript(for: shell)
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    switch shell {
    case .bash: text = Self.joined(lines.map(Self.bash))
    case .fish: text = Self.joined(lines.map(Self.fish))
    case .zsh: text = Self.joined(lines.map(Self.zsh))
    default: text = script
    }
  }

  /// Readline completes files where the function of the tool finds nothing.
  private static func bash(_ line: String) -> String? {
    line.replacing("complete -o filenames -F", with: "complete -o filenames -o default -F")
  }

  /// fish completes files unless -f forbids it, as it does beside a list.
  private static func fish(_ line: String) -> String? {
    guard line.hasPrefix("complete -c ") else { return line }
    if line.hasSuffix(" -f") { return nil }
    let layouts = "ka '\(LayoutCompletion.names.joined(separator: " "))'"
    return line.replacing(" -rfka ''", with: " -rF").replacing(" -rf" + layouts, with: " -r" + layouts).replacing(" -eq 1' -fa '", with: " -eq 1' -a '")
  }

  /// A specification that ends in a colon has no action. The words of help are commands. A layout is a file too.
  private static func zsh(_ line: String) -> String? {
    if line.hasSuffix("_describe -V subcommand subcommands && ret=0") { return line + "\n        _files && ret=0" }
    if line.contains(":layout:{") || line.contains(":layout or checkpoint:{"), line.hasSuffix("}'") {
      return line.dropLast(2) + "; _files}'"
    }
    let isSpecification = line.hasPrefix("        ") && line.hasSuffix(":'") && !line.contains(":subcommands:")
    return isSpecification ? line.dropLast() + "_files'" : line
  }

  private static func joined(_ lines: [String?]) -> String { lines.compactMap(\.self).joined(separator: "\n") }
}
