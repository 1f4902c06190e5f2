import ArgumentParser
import BenchmarkArguments
import BenchmarkKernels
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

#if canImport(Glibc)
  import Glibc
#endif

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
    let products = MatrixProductBenchmark.seconds(shapes(architecture, inventory), threads: jobs)
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: jobs)
    let decoder = try StepDecoder(pass, capacity: prompt + tokens)
    let ids = (0..<prompt).map { $0 * 37 % architecture.input.size }
    let prompted = try seconds(decoder, ids)
    show("prompt of \(prompt)", Double(prompt) / prompted)
    show("  matrix products alone", Double(prompt) / products)
    Terminal.show("  ratio                  \((products / prompted).shortText)")

    // Memory has fast and slow minutes, so it is read before the tokens and behind them.
    var reading = MemoryReadBenchmark.seconds(byteCount: bytes, jobs: jobs)
    let step = try secondsOfStep(decoder, ids, batch: 1)
    reading = (reading + MemoryReadBenchmark.seconds(byteCount: bytes, jobs: jobs)) / 2
    show("one token, median", 1 / step, bytes)
    Terminal.show("  reading the weights    \((Double(bytes) / reading / 1e9).shortText) GB/s")
    Terminal.show("  ratio                  \((reading / step).shortText)")
    for batch in [4, 8] {
      show("\(batch) sequences together", Double(batch) / (try secondsOfStep(decoder, ids, batch: batch)))
    }
    guard model.parameters.tensors.contains(where: { $0.type == .bfloat16 }) else { return }
    let rounded = try StepDecoder(pass.computing(in: .bfloat16), capacity: prompt + tokens)
    show("prompt in bf16", Double(prompt) / (try seconds(rounded, ids)))
    show("one token in bf16", 1 / (try secondsOfStep(rounded, ids, batch: 1)), bytes)
    let distance = zip(try logProbabilities(decoder, ids), try logProbabilities(rounded, ids)).map { abs($0 - $1) }.max()
    Terminal.show("  largest difference of a log-probability from f32: \((distance ?? .nan).shortText)")
  }

  /// The natural logarithms of the probabilities of the token behind a prompt.
  private func logProbabilities(_ decoder: StepDecoder, _ ids: [Int]) throws -> [Double] {
    var state = decoder.start(batch: 1)
    let logits = try decoder.step(.tokens(ids, batch: 1), &state).values.map(Double.init)
    let most = logits.max() ?? 0
    let sum = log(logits.reduce(0) { $0 + exp($1 - most) })
    return logits.map { $0 - most - sum }
  }

  private func show(_ what: String, _ rate: Double, _ bytes: Int? = nil) {
    let name = what + String(repeating: " ", count: max(1, 25 - what.count))
    let weights = bytes.map { ", \((Double($0) * rate / 1e9).shortText) GB/s of weights" } ?? ""
    Terminal.show("\(name)\(rate.shortText) tokens/s\(weights)")
  }

  /// The seconds that a prompt takes: the median of three.
  private func seconds(_ decoder: StepDecoder, _ ids: [Int]) throws -> Double {
    let times = try (0..<3).map { _ in
      try ContinuousClock().measure { _ = try TokenGenerator(decoder, prompt: ids) } / .seconds(1)
    }
    return times.sorted()[1]
  }

  /// The seconds that a token of each of some sequences takes behind a prompt: the median.
  private func secondsOfStep(_ decoder: StepDecoder, _ ids: [Int], batch: Int) throws -> Double {
    var state = decoder.start(batch: batch)
    _ = try decoder.step(.tokens((0..<batch).flatMap { _ in ids }, batch: batch), &state)
    let times = try (0..<arguments.tokens).map { index in
      try ContinuousClock().measure {
        _ = try decoder.step(.tokens(Array(repeating: ids[index % ids.count], count: batch), batch: batch), &state)
      } / .seconds(1)
    }
    return times.sorted()[times.count / 2]
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
