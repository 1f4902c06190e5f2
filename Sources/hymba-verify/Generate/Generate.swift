public import ArgumentParser
import HymbaConversion
import HymbaFormat
public import HymbaModel
import HymbaTerminal
import HymbaVerification

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let the model continue a text or token ids, on the CPU.",
    discussion: """
      The text appears as it comes; Ctrl-C ends it. Without --temperature the most probable token is taken \
      every time. The same --seed gives the same text, with any --jobs. The text is given to the model as it \
      is: chat templates are not rendered.

      A text ends with the model's token for it, which is known where there is a tokenizer; without one, \
      --count tokens come.

      Examples:
        hymba-verify generate MODEL "Once upon a time" --count 40
        hymba-verify generate MODEL --text @prompt.txt --temperature 0.8 --seed 7
        hymba-verify generate MODEL --tokens 1,5,9 --count 10 --json
      """)

  @Argument(help: "A checkpoint: a file or a folder.")
  var source: String

  @Argument(help: ArgumentHelp("The text to continue, as --text gives it.", valueName: "text"))
  var words: String?

  @OptionGroup var options: PromptOptions

  @Option(
    name: [.long, .customShort("n")], parsing: .unconditional, help: ArgumentHelp("The most tokens to add.", valueName: "n"))
  var count = 100

  @OptionGroup var choice: SamplingOptions

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A text that ends the answer and is not part of it. May be given several times.",
      valueName: "text"))
  var stop: [String] = []

  @Option(
    help: ArgumentHelp(
      "The most memory to take, like 8GB. By default what is free. Weights that do not fit are read again for each token.",
      valueName: "size"),
    transform: ByteSize.init(argument:))
  var memory: ByteSize?

  @Option(
    help: ArgumentHelp(
      "The numbers that products take: f32, or bf16, which rounds the inputs of bf16 weights and is faster for a long prompt. Other tokens may follow from it.",
      valueName: "f32|bf16"))
  var arithmetic = Arithmetic.float32

  @OptionGroup var base: BaseOption
  @OptionGroup var shared: SharedOptions

  /// The options, with a text that stands by itself in the place of --text.
  private var prompt: PromptOptions {
    var prompt = options
    prompt.text = prompt.text ?? words
    return prompt
  }

  func validate() throws {
    // The parser validates `options` itself.
    if !options.isGiven { try prompt.validate() }
    guard (1...Self.mostTokens).contains(count) else {
      throw ValidationError("--count is \(count); expected a number from 1 to \(Self.mostTokens).")
    }
    guard stop.allSatisfy({ !$0.isEmpty }) else {
      throw ValidationError("--stop is empty; expected some text.")
    }
    guard stop.allSatisfy(CommandLineText.isWhole) else {
      throw ValidationError("--stop is not UTF-8, and an answer is: it would never come.")
    }
  }

  private static let mostTokens = 1_000_000

  /// Checks that there is one input. `validate()` leaves this to the run: before it the parser tells of an unknown option,
  /// which may be a text or may have taken its value for one.
  private func requireInput() throws {
    if let words, options.isGiven {
      throw ValidationError(
        "“\(words.shortened(to: 30).printable)” and \(options.name) both give the input; pass one, a text of several words between quotation marks.")
    }
    guard prompt.isGiven else { throw ValidationError("there is nothing to continue; give --text or --tokens.") }
  }

  func run() throws {
    try requireInput()
    try ToolRun.perform {
      let model = try OpenedModel.open(ModelInput(paths: [source], base: base.path), shared.opening)
      model.showWarnings(quiet: shared.quiet)
      let (architecture, _) = try model.requireArchitecture(for: "generating text")
      let tokenizer = try prompt.tokenizer(of: model, quiet: shared.quiet)
      guard stop.isEmpty || tokenizer != nil else { throw MissingTokenizer(location: model.location, option: "--stop") }
      guard let ids = try prompt.ids(for: model, tokenizer, answer: count, quiet: shared.quiet) else { return }
      tell(ofArithmeticOf: model)
      let pass = ForwardPass(architecture, parameters: model.parameters, jobs: shared.jobs).computing(in: arithmetic)
      try prompt.judging { try pass.check(.tokens(ids, batch: 1)) }
      try architecture.requireNextTokens(of: model.location)
      var answer = try naming(model.location) { try begin(pass, ids, tokenizer) }
      try naming(model.location) { try show(&answer) }
      if shared.json { try Terminal.show(json: answer.result) }
      // A reader that went away, such as head, has what it wanted. An output that was lost is an error of its own.
      if answer.result.end == .interrupted, !Terminal.isOutputOver { throw ExitCode(FailureKind.interrupted) }
    }
  }

  private func tell(ofArithmeticOf model: OpenedModel) {
    guard arithmetic == .bfloat16, !shared.quiet,
      !model.parameters.tensors.contains(where: { $0.type == .bfloat16 })
    else { return }
    Terminal.note("note: \(source.printable): it has no weights in bf16, so --arithmetic bf16 changes nothing")
  }

  /// Reads the weights and runs the model on the prompt.
  private func begin(_ pass: ForwardPass, _ ids: [Int], _ tokenizer: ModelTokenizer?) throws -> Answer {
    let capacity = ids.count + count
    let decoder = try StepDecoder(pass, capacity: capacity, weights: placement(pass, capacity: capacity))
    let bar = ProgressBar("prompt", total: ids.count, isBytes: false, quiet: shared.quiet)
    defer { bar.finish() }
    return try Answer(
      decoder, source: source, prompt: ids, try choice.sampling(), tokenizer, stop: stop, onPrompt: bar.set)
  }

  /// Where the weights are while text is generated.
  private func placement(_ pass: ForwardPass, capacity: Int) -> WeightPlacement {
    let needed = pass.decodingBytes(capacity: capacity)
    guard let free = memory?.bytes ?? AvailableMemory.bytes, needed > free else { return .memory }
    if !shared.quiet {
      Terminal.note(
        "note: \(source.printable): it takes \(needed.byteText) of memory, and \(memory == nil ? "\(free.byteText) are free" : "--memory gives \(free.byteText)"): each token reads its weights from the file again")
    }
    return .checkpoint
  }

  /// Shows the answer as it comes, and at its end how fast it came.
  private func show(_ answer: inout Answer) throws {
    let request = EndRequest()
    defer { request.stopListening() }
    var shown = 0
    try answer.run(count: count, isInterrupted: { request.isMade || Terminal.isOutputOver }) { token, text in
      guard !shared.json else { return }
      if let text {
        Terminal.show(part: text)
      } else if let token {
        Terminal.show(part: (shown == 0 ? "" : ",") + String(token))
      }
      shown += 1
    }
    guard !shared.json, !Terminal.isOutputOver else { return }
    Terminal.show()
    guard !shared.quiet else { return }
    let result = answer.result
    Terminal.note(
      "prompt: \(String.counted(result.prompt.count, "token")), \(result.promptTokensPerSecond.shortText) tokens/s; answer: \(String.counted(result.tokens.count, "token")), \(result.tokensPerSecond.shortText) tokens/s\(result.end.words)")
  }
}

extension GenerationResult.End {
  /// What the last line adds about the end of the answer.
  fileprivate var words: String {
    switch self {
    case .count: ""
    case .endOfText: "; the model ended the text"
    case .stop: "; ended by --stop"
    case .interrupted: "; interrupted"
    }
  }
}

extension Arithmetic: ExpressibleByArgument {}
