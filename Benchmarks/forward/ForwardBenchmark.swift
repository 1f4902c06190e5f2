import ArgumentParser
import BenchmarkArguments
import BenchmarkKernels
import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal

@main
struct ForwardBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward-benchmark",
    abstract:
      "Time a forward pass beside bare matrix products of the same shapes in the same process.")

  @OptionGroup var arguments: BenchmarkArguments

  func run() throws { try ToolRun.perform(measure) }

  private func measure() throws {
    let (tokens, jobs) = (arguments.tokens, arguments.jobs)
    let model = try arguments.open()
    let (architecture, inventory) = try model.requireArchitecture(for: "a forward pass")
    let layers = try ParallelLayer.layers(of: architecture)
    let rows = tokens + architecture.metaTokens.prependedCount

    // Every matrix multiplies each position once. The head does not see the meta tokens.
    var shapes: [MatrixProductBenchmark.Shape] = []
    for parameter in inventory where parameter.isProjection && parameter.part != .output {
      let dimensions = parameter.shape.dimensions
      shapes.append(.init(rows: rows, inner: dimensions[1], columns: dimensions[0]))
    }
    shapes.append(
      .init(rows: tokens, inner: architecture.hiddenSize, columns: architecture.input.size))
    let operations = shapes.reduce(0) { $0 + $1.operations }
    let pass = ForwardPass(architecture, parameters: model.parameters, jobs: jobs)
    let products = MatrixProductBenchmark.seconds(shapes, threads: jobs)
    let vectors = VectorWorkBenchmark.seconds(
      layers, hiddenSize: architecture.hiddenSize, length: rows, jobs: jobs)

    var generator = SplitMix64(seed: 1)
    let ids = (0..<tokens).map { _ in Int(generator.next() % UInt64(architecture.input.size)) }
    let clock = ContinuousClock()
    var firstLayer: Duration?
    let start = clock.now
    try pass.run(.tokens(ids, batch: 1)) { capture, _ in
      if capture == .hiddenStates(1) { firstLayer = clock.now - start }
    }
    let seconds = (clock.now - start) / .seconds(1)
    func rate(_ seconds: Double) -> String { "\(Int(operations / seconds / 1e9)) GFLOP/s" }
    Terminal.show("matrix products  \(seconds: products)  \(rate(products))")
    Terminal.show("forward pass     \(seconds: seconds)  \(rate(seconds))")
    Terminal.show(
      "scan, convolution, norms, softmax  \(seconds: vectors), \(Int((vectors / seconds * 100).rounded())) % of the pass"
    )
    Terminal.show("first layer      \(seconds: (firstLayer ?? .zero) / .seconds(1))")
    Terminal.show("ratio            \(Int((products / seconds * 100).rounded())) %")
    Terminal.show("peak memory      \(PeakMemory.bytes >> 20) MiB")
  }
}

extension DefaultStringInterpolation {
  fileprivate mutating func appendInterpolation(seconds: Double) {
    appendLiteral("\(Double(Int(seconds * 100)) / 100) s")
  }
}
