import ArgumentParser
import HymbaCheckpoints
import HymbaFormat
import HymbaTerminal

@main
struct GGUFBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gguf-benchmark",
    abstract: "Time the decoding of quantised tensors of a GGUF file by one thread, the median of 5 runs.")

  @Argument(help: "The GGUF file. Where there is none, one with random blocks is written first.")
  var file: String

  @Argument(help: "Rows of 4096 elements of each tensor of a file that is written: 1 GB of F32 by default.")
  var rows = 61_440

  private static let runs = 5

  func validate() throws {
    guard (1...1 << 20).contains(rows) else {
      throw ValidationError("rows is \(rows); expected a number from 1 to \(1 << 20).")
    }
  }

  func run() throws { try ToolRun.perform(measure) }

  private func measure() throws {
    if !FileSystem.hasEntry(file) { try RandomGGUF.write(to: file, rows: rows) }
    try naming(file) {
      let source = try GGUFSource(file)
      for tensor in source.tensors {
        let times = try (0..<Self.runs).map { _ in try Self.seconds(reading: tensor, of: source) }.sorted()
        let rate = Int((Double(tensor.byteCount) / times[Self.runs / 2] / 1e7).rounded())
        let stored = source.storedType(of: tensor) ?? tensor.type.rawValue
        let hundredths = rate % 100 < 10 ? "0\(rate % 100)" : "\(rate % 100)"
        Terminal.show("\(stored)  \(rate / 100).\(hundredths) GB/s of F32")
      }
    }
  }

  /// The time in which a tensor is read once, in windows of some megabytes.
  private static func seconds(reading tensor: TensorDescriptor, of source: GGUFSource) throws -> Double {
    let windowBytes = 1 << 22
    return try ContinuousClock().measure {
      for offset in stride(from: 0, to: tensor.byteCount, by: windowBytes) {
        let count = min(windowBytes, tensor.byteCount - offset)
        _ = try [UInt8](count: count) { try source.read(tensor, from: offset, into: &$0) }
      }
    } / .seconds(1)
  }
}
