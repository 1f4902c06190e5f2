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
    abstract: "Time decoding beside reading as many bytes of memory in the same process.")

  @OptionGroup var arguments: BenchmarkArguments

  func run() throws { try ToolRun.perform(measure) }

  private func measure() throws {
    let (tokens, jobs) = (arguments.tokens, arguments.jobs)
    let model = try arguments.open()
    let (architecture, inventory) = try model.requireArchitecture(for: "decoding")
    _ = try ParallelLayer.layers(of: architecture)

    // Each token reads every weight once. Of the embedding it reads one row, unless the embedding is the head
    // too.
    let tied = architecture.output == .tiedLogits
    let bytes = inventory.reduce(0) { sum, parameter in
      let isRead = tied || parameter.name != "embed_tokens.weight"
      return sum + (isRead ? model.parameters.tensors[parameter.name]?.byteCount ?? 0 : 0)
    }
    let reading = MemoryReadBenchmark.seconds(byteCount: bytes, jobs: jobs)

    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: jobs)
    let decoder = try StepDecoder(pass, capacity: tokens + 1)
    var state = decoder.start(batch: 1)
    _ = try decoder.step(.tokens([0], batch: 1), &state)
    let clock = ContinuousClock()
    let times = try (0..<tokens).map { token in
      try clock.measure {
        _ = try decoder.step(.tokens([token % architecture.input.size], batch: 1), &state)
      } / .seconds(1)
    }.sorted()
    let median = times[times.count / 2]
    func line(_ name: String, _ seconds: Double) {
      let rate = Int(Double(bytes) / seconds / 1e8)
      Terminal.show("\(name)  \(Int(seconds * 1e4)) x 0.1 ms  \(rate / 10).\(rate % 10) GB/s")
    }
    line("reading the weights", reading)
    line("one token, median  ", median)
    let ratio = Int((median / reading * 100).rounded())
    Terminal.show("ratio                \(ratio / 100).\(ratio % 100 / 10)\(ratio % 10)")
  }
}
