import ArgumentParser
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal
import HymbaText
import HymbaVerification

/// The options that give a model its input as token ids or as text.
struct PromptOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Token ids to run the model on, like 1,5,9, or @FILE with ids between commas or white space; @- reads standard input.",
      valueName: "ids"))
  var tokens: String?

  @Option(
    name: [.long, .customShort("p")], parsing: .unconditional,
    help: ArgumentHelp(
      "Text to run the model on, or @FILE with the text; @- reads standard input, and @@ begins a text that begins with @. Needs a tokenizer: a tokenizer.json beside the checkpoint, in the container, or given with --tokenizer, or the one inside a GGUF file.",
      valueName: "text"))
  var text: String?

  @Option(
    help: ArgumentHelp(
      "The tokenizer, where the checkpoint has none or another one is wanted: a tokenizer.json, or a folder with one.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var tokenizer: String?

  func validate() throws {
    guard tokens == nil || text == nil else {
      throw ValidationError("--tokens and --text both give the input; pass one.")
    }
    guard text?.isEmpty != true else { throw ValidationError("--text is empty; expected some text.") }
    guard text.map(CommandLineText.isWhole) ?? true else {
      throw ValidationError("--text is not UTF-8, and a text must be.")
    }
    guard (text ?? tokens) != "@" else {
      throw ValidationError("\(name) names no file behind its @; expected @FILE, or @- for standard input.")
    }
  }

  /// Whether the options give an input.
  var isGiven: Bool { tokens != nil || text != nil }

  /// The name of the option that gives the ids.
  var name: String { text == nil ? "--tokens" : "--text" }

  /// The ids that the options give; nil where they give none. What a user should know of them is told.
  ///
  /// - Parameters:
  ///   - window: The most ids that the model reads in a row; nil for all.
  ///   - answer: The most tokens that follow them.
  /// - Throws: ``TokenError``, `TokenizerError` for a text without ids or without a tokenizer, and the errors of
  ///   reading the files.
  func ids(
    for model: OpenedModel, _ tokenizer: ModelTokenizer?, window: Int? = nil, answer: Int = 0, quiet: Bool
  ) throws -> [Int]? {
    let text = try encoded(for: model, tokenizer)
    guard let ids = try text?.ids ?? tokens.map(TokenList.parse) else { return nil }
    var notes = PromptNotes(name, count: min(ids.count, window ?? .max), answer: answer, for: model)
    if let text, let tokenizer { notes.add(text, tokenizer, of: model.location) }
    if !quiet { for line in notes.lines { Terminal.note("note: \(line)") } }
    return ids
  }

  private func encoded(for model: OpenedModel, _ tokenizer: ModelTokenizer?) throws -> EncodedText? {
    guard let text else { return nil }
    guard let tokenizer else { throw MissingTokenizer(location: model.location, option: "--text") }
    let given = GivenText(text)
    if case .words = given, FileSystem.exists(text) {
      Terminal.note("note: --text \(text.printable) is taken as a text; for that in the file write --text @\(text.printable)")
    }
    let bytes = try given.bytes(limit: Limits.textBytes, absent: ["a text that begins with @ is given with @@ in its place"])
    let encoded = try naming(given.name("--text")) { try tokenizer.tokenizer.encoded(utf8: bytes) }
    guard let largest = encoded.ids.max() else { throw TokenError.noneInText }
    let rows = model.architecture?.input.size ?? .max
    guard largest < rows else { throw TokenError.beyondVocabulary(largest, rows) }
    return encoded
  }

  /// Runs code that judges the ids. An error in ids that the command line gives is wrong usage.
  ///
  /// - Throws: The errors of `body`, with the option's name.
  func judging(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as ModelError {
      throw FileDiagnosis(name, VerificationError.argument(error))
    }
  }

  /// The tokenizer of the option, or else of the model; nil where there is none.
  ///
  /// A model's tokenizer that cannot be read is told and passed over where nothing asks for text.
  ///
  /// - Throws: The errors of reading the files.
  func tokenizer(of model: OpenedModel, quiet: Bool) throws -> ModelTokenizer? {
    do {
      let found = try ModelTokenizer(of: model, at: tokenizer)
      if let found, let rows = model.architecture?.input.size, found.tokenizer.idBound > rows, !quiet {
        Terminal.note(
          "warning: the tokenizer has ids up to \(found.tokenizer.idBound - 1), and the model a vocabulary of \(rows): it is another model's")
      }
      return found
    } catch where text == nil && tokenizer == nil {
      if !quiet {
        Terminal.note(
          "note: \(model.location.printable): its tokenizer is not read, so there are ids and no text; --text says why")
      }
      return nil
    }
  }
}
