public import ArgumentParser
public import HymbaConversion
import HymbaFormat

/// The options for the cast of tensors to other element types.
struct CastOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Cast floating-point tensors to F64, F32, F16 or BF16.",
      discussion:
        "Each value is rounded once, to the nearest, ties to even. When finite values become infinite, or more than 1 % of a tensor's nonzero values become zero, nothing is written; --allow-loss writes it.",
      valueName: "type"))
  var dtype: CastType?

  @Option(
    name: .customLong("keep-f32"),
    help: ArgumentHelp(
      "With --dtype: parameters whose names, as hymba-inspect lists them, match are F32, like '*.A_log'. Repeatable.",
      valueName: "glob"))
  var keepF32: [String] = []

  @Flag(help: "With --dtype: write the cast also when it loses values.")
  var allowLoss = false

  func validate() throws {
    guard dtype == nil else { return }
    if !keepF32.isEmpty {
      throw ValidationError("--keep-f32 says what --dtype leaves alone; give --dtype too.")
    }
    if allowLoss {
      throw ValidationError("--allow-loss accepts what --dtype loses; give --dtype too.")
    }
  }

  /// The cast that the options ask for; nil without `--dtype`.
  var cast: Cast? {
    dtype.map { Cast(to: $0, keepF32: keepF32.map(NameGlob.init), acceptsLoss: allowLoss) }
  }
}

extension CastType: ExpressibleByArgument {
  /// Reads the name of a type. The names that PyTorch and others have for these types are accepted too.
  public init?(argument: String) {
    switch argument.lowercased().trimmingPrefix("torch.") {
    case "f64", "fp64", "float64", "double": self = .float64
    case "f32", "fp32", "float32", "float": self = .float32
    case "f16", "fp16", "float16", "half": self = .float16
    case "bf16", "bfloat16": self = .bfloat16
    default: return nil
    }
  }
}

extension CastReport {
  /// The report as a line of a tool's result.
  var line: String {
    let kept = keptF32 > 0 ? ", \(keptF32) F32" : ""
    return
      "  cast         \(cast) to \(dtype.rawValue)\(kept); values that became infinite: \(overflowed), zero: \(flushed)"
  }
}
