import ArgumentParser
import BenchmarkArguments
import BenchmarkKernels
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

@main
struct DecodeBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode-benchmark",
    abstract:
      "Time a prompt beside bare matrix products of the same shapes, and tokens beside reading as many bytes of memory, in the same process."
  )

  @OptionGroup var arguments: BenchmarkArguments

  @Option(help: "Tokens of the prompt.")
  var prompt = 256

  func validate() throws {
    guard (1...1 << 14).contains(prompt) else {
      throw ValidationError("prompt is \(prompt); expected a number from 1 to \(1 << 14).")
    }
  }

  func run() throws { try ToolRun.perform(measure) }

  private func measure() throws {
    let (tokens, jobs) = (arguments.tokens, arguments.jobs)
    let model = try arguments.open()
    let (architecture, inventory) = try model.requireArchitecture(for: "decoding")
    guard case .tokens = architecture.input, architecture.output.isLogits, architecture.sharedBlock == nil,
      inventory.activeElementCount == inventory.elementCount
    else { throw NotDecoded() }

    // Each token reads every weight once. Of the embedding it reads one row, unless the embedding is the head too.
    let tied = architecture.output == .tiedLogits
    let bytes = inventory.reduce(0) { sum, parameter in
      let isRead = tied || parameter.name != "embed_tokens.weight"
      return sum + (isRead ? model.parameters.tensors[parameter.name]?.byteCount ?? 0 : 0)
    }
    let reading = MemoryReadBenchmark.seconds(byteCount: bytes, jobs: jobs)
    let products = MatrixProductBenchmark.seconds(shapes(architecture, inventory), threads: jobs)

    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: jobs)
    let decoder = try StepDecoder(pass, capacity: prompt + tokens)
    let clock = ContinuousClock()
    var generator: TokenGenerator?
    var times: [Double] = []
    let ids = (0..<prompt).map { $0 * 37 % architecture.input.size }
    for _ in 0..<3 {
      times.append(
        try clock.measure { generator = try TokenGenerator(decoder, prompt: ids) } / .seconds(1))
    }
    let prompted = times.sorted()[1]
    // The first token follows from the prompt and takes no step.
    _ = try generator?.next()
    let steps = try (1..<tokens).map { _ in try clock.measure { _ = try generator?.next() } / .seconds(1) }.sorted()
    let step = steps.isEmpty ? .nan : steps[steps.count / 2]

    Terminal.show("prompt of \(prompt)         \((Double(prompt) / prompted).shortText) tokens/s")
    Terminal.show("  matrix products alone  \((Double(prompt) / products).shortText) tokens/s")
    Terminal.show("  ratio                  \((products / prompted).shortText)")
    guard step.isFinite else { return }
    Terminal.show(
      "one token, median        \((1 / step).shortText) tokens/s, \((Double(bytes) / step / 1e9).shortText) GB/s of weights")
    Terminal.show("  reading the weights    \((Double(bytes) / reading / 1e9).shortText) GB/s")
    Terminal.show("  ratio                  \((reading / step).shortText)")
  }

  /// The products of a prompt: every matrix multiplies each position, and the head the last one.
  private func shapes(
    _ architecture: Architecture, _ inventory: ParameterInventory
  ) -> [MatrixProductBenchmark.Shape] {
    inventory.filter { $0.isProjection && $0.part != .output }.map {
      .init(rows: prompt, inner: $0.shape.dimensions[1], columns: $0.shape.dimensions[0])
    } + [.init(rows: 1, inner: architecture.hiddenSize, columns: architecture.input.size)]
  }
}

/// The error for a model of which a token does not read every weight once.
private struct NotDecoded: Diagnosis {
  var kind: FailureKind { .wrong }
  var description: String {
    "only models of tokens without experts and shared blocks are measured; this is another one"
  }
}
