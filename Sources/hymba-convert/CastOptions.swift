public import ArgumentParser
public import HymbaConversion
import HymbaFormat

/// The options for the cast of tensors to other element types.
struct CastOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Cast floating-point tensors to F64, F32, F16 or BF16; for a .gguf file, F32, F16, BF16 or Q8_0.",
      discussion:
        "In an exported .gguf file it is the type of the matrices: F32, F16, BF16 or Q8_0. Otherwise each value is rounded once, to the nearest, ties to even. When finite values become infinite, or more than 1 % of a tensor's nonzero values become zero, nothing is written; --allow-loss writes it.",
      valueName: "type"))
  var dtype: OutputType?

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
    dtype?.cast.map { Cast(to: $0, keepF32: keepF32.map(NameGlob.init), acceptsLoss: allowLoss) }
  }

  /// Refuses what is no option of an output that is no GGUF file, and of one that is.
  /// - Parameter isGGUF: Whether a GGUF file is written.
  /// - Throws: ``ConversionError/exportImpossible(_:)``.
  func requireFitting(isGGUF: Bool) throws {
    if isGGUF, !keepF32.isEmpty {
      throw ConversionError.exportImpossible("--keep-f32 is not for .gguf files, whose small tensors are F32 in any case")
    }
    if isGGUF, let dtype, dtype.storage == nil {
      throw ConversionError.exportImpossible("a .gguf file holds F32, F16, BF16 or Q8_0, and not \(dtype.name)")
    }
    if !isGGUF, let dtype, dtype.cast == nil {
      throw ConversionError.exportImpossible("\(dtype.name) is a type of .gguf files; with another output, --dtype is F64, F32, F16 or BF16")
    }
  }
}

/// The type that `--dtype` names: one to which tensors are cast, or one in which a GGUF file stores them.
enum OutputType: ExpressibleByArgument {
  case cast(CastType)
  case q8_0

  init?(argument: String) {
    if argument.lowercased() == "q8_0" {
      self = .q8_0
    } else if let type = CastType(argument: argument) {
      self = .cast(type)
    } else {
      return nil
    }
  }

  static var allValueStrings: [String] { CastType.allCases.map(\.rawValue) + ["Q8_0"] }

  var name: String {
    switch self {
    case .cast(let type): type.rawValue
    case .q8_0: "Q8_0"
    }
  }

  var cast: CastType? { if case .cast(let type) = self { type } else { nil } }

  /// The type of the matrices in a GGUF file; nil for F64, which llama.cpp does not run.
  var storage: GGUFStorage? { GGUFStorage(rawValue: name) }
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
