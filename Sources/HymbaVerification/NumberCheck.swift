import HymbaFormat
import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// Looks at every stored number, a window of each tensor at a time.
struct NumberCheck {
  private var notFinite: [String] = []
  private var constant: [String] = []
  private var timeSteps: (smallest: Float, largest: Float)?

  init(
    _ model: any CheckpointSource, inventory: ParameterInventory, jobs: Int,
    progress: (Int) -> Void
  ) throws {
    for parameter in inventory {
      guard let tensor = model.tensors[parameter.name] else { continue }
      var first: Float?
      var (isFinite, isConstant) = (true, tensor.shape.elementCount > 1)
      try model.forEachFloats(of: tensor, jobs: jobs) { values in
        isFinite = isFinite && values.allSatisfy { $0.isFinite }
        let expected = first ?? values[0]
        first = expected
        isConstant = isConstant && values.allSatisfy { $0 == expected }
        if tensor.name.hasSuffix("mamba.dt_proj.bias") { addTimeSteps(values) }
        progress(values.count * tensor.type.byteSize)
      }
      if !isFinite {
        notFinite.append(tensor.name)
      } else if isConstant, let first {
        constant.append("\(tensor.name) (\(first))")
      }
    }
  }

  private mutating func addTimeSteps(_ values: [Float]) {
    guard let low = values.min(), let high = values.max() else { return }
    timeSteps = (
      min(timeSteps?.smallest ?? .infinity, low), max(timeSteps?.largest ?? -.infinity, high)
    )
  }

  var check: Check {
    guard notFinite.isEmpty else {
      return Check("numbers", passed: false, "NaN or infinite values in \(Self.list(notFinite))")
    }
    var detail = "all finite"
    if !constant.isEmpty { detail += "; all values equal in \(Self.list(constant))" }
    if let timeSteps {
      let low = softplus(Double(timeSteps.smallest)).shortText
      let high = softplus(Double(timeSteps.largest)).shortText
      detail += "; the time step biases alone give \(low) to \(high)"
    }
    return Check("numbers", passed: true, detail)
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ")
      + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }
}

/// ln(1 + e^x), written so that no exponential overflows.
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
