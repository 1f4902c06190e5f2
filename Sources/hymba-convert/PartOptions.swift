import ArgumentParser
import HymbaFormat
import HymbaTerminal

/// The options that divide a model into parts.
struct PartOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write so many containers of about equal size into a folder, with an index. Those that are there and right are kept.",
      valueName: "n"))
  var parts: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Write containers of at most so many bytes of tensors, like 5GB, in place of --parts.", valueName: "size"),
    transform: ByteSize.init(argument:))
  var partSize: ByteSize?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Write this part alone, counted from 1, and no index.", valueName: "k"))
  var part: Int?

  @Flag(help: "Write the index alone, when all parts are there.")
  var finish = false

  func validate() throws {
    if parts != nil, partSize != nil {
      throw ValidationError("--parts and --part-size both say how the model is divided; pass one.")
    }
    if part != nil, finish {
      throw ValidationError("--part writes one part, and --finish the index of all; pass one at a time.")
    }
    if let parts, !(1...Limits.parts).contains(parts) {
      throw ValidationError("--parts is \(parts); expected a number from 1 to \(Limits.parts).")
    }
    guard parts != nil || partSize != nil else {
      if part != nil { throw ValidationError("--part needs --parts or --part-size, the same for every part.") }
      if finish { throw ValidationError("--finish needs --parts or --part-size, as the parts were made with.") }
      return
    }
    if let part, !(1...(parts ?? Limits.parts)).contains(part) {
      throw ValidationError(
        "--part is \(part); expected a number from 1 to \(parts ?? Limits.parts), the number of parts.")
    }
  }

  /// How the model is divided; nil for one container.
  var division: PartPlan.Division? { parts.map { .count($0) } ?? partSize.map { .bytes($0.bytes) } }
}
