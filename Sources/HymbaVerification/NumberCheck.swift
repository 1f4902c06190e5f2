import HymbaFormat
import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

/// Looks at every stored number, a window of each tensor at a time.
///
/// What is no number is a failure, and so is what a download that ended early leaves: a norm of zeros, or a tensor
/// of which most is zero. Values that are all equal are named: weights that were never filled look so. Only where a
/// fresh model has such values nothing is said: ``ParameterRole``.
struct NumberCheck {
  private var notFinite: [String] = []
  private var zero: [String] = []
  private var suspicious: [String] = []
  private var unremarkable: [String] = []
  private var timeSteps: (smallest: Float, largest: Float)?

  init(
    _ model: any CheckpointSource, inventory: ParameterInventory, jobs: Int,
    progress: (Int) -> Void
  ) throws {
    for parameter in inventory {
      guard let tensor = model.tensors[parameter.name] else { continue }
      var numbers = TensorNumbers()
      try model.forEachFloats(of: tensor, jobs: jobs) { values in
        numbers.add(values)
        if tensor.name.hasSuffix("mamba.dt_proj.bias") { addTimeSteps(values) }
        progress(values.count * tensor.type.byteSize)
      }
      // Zeros in a few rows or columns are a hole; spread all over they are what pruning leaves.
      var isHole = numbers.zeros == numbers.count
      if numbers.isMostlyZero, !isHole {
        isHole = try ZeroLines(model, tensor, jobs: jobs).found
      }
      judge(parameter, numbers, isHole: isHole)
    }
  }

  /// Whether every number is one.
  var areFinite: Bool { notFinite.isEmpty }

  private mutating func judge(_ parameter: Parameter, _ numbers: TensorNumbers, isHole: Bool) {
    let name = parameter.name
    let role = ParameterRole(parameter)
    let constant = numbers.constant.map { "\(name) (\($0))" }
    if !numbers.isFinite {
      notFinite.append(name)
    } else if numbers.isMostlyZero, role.mustNotVanish, isHole {
      zero.append(
        numbers.zeros == numbers.count ? name : "\(name) (\(Self.percent(numbers.zeroShare)))")
    } else if numbers.isMostlyZero, !role.mayVanish, constant == nil {
      suspicious.append("\(name) (\(Self.percent(numbers.zeroShare)) zero)")
    } else if let constant {
      if numbers.zeros > 0 ? role.mayVanish : role.mayBeConstant {
        unremarkable.append(constant)
      } else {
        suspicious.append(constant)
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
    guard zero.isEmpty else {
      return Check(
        "numbers", passed: false,
        "zeros where there should be weights, as in a file that was not written or loaded to its end: \(Self.list(zero))"
          + (suspicious.isEmpty ? "" : "; look also at \(Self.list(suspicious))"))
    }
    var detail = "all finite"
    if !suspicious.isEmpty {
      detail +=
        "; as if never filled, all values equal or most of them zero: \(Self.list(suspicious))"
    }
    if !unremarkable.isEmpty {
      detail += "; all values equal in \(Self.list(unremarkable))"
    }
    if let timeSteps {
      let low = softplus(Double(timeSteps.smallest)).shortText
      let high = softplus(Double(timeSteps.largest)).shortText
      detail += "; the time step biases alone give \(low) to \(high)"
    }
    return Check("numbers", suspicious.isEmpty ? .passed : .warned, detail)
  }

  /// So many tensors are named.
  private static let listed = 10

  private static func list(_ names: [String]) -> String {
    names.prefix(listed).joined(separator: ", ")
      + (names.count > listed ? " and \(names.count - listed) more" : "")
  }

  /// A share of most, which is never said to be all of it.
  private static func percent(_ share: Double) -> String {
    "\(min(99, Int((share * 100).rounded()))) %"
  }
}

/// ln(1 + e^x), written so that no exponential overflows.
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
