import HymbaFormat
import HymbaInspection
import HymbaModel

/// Judges the counts of every stored number.
///
/// NaN and infinite values are a failure. So are the traces of a download that ended early: a norm of zeros, or
/// a tensor that is mostly zero with whole rows or columns of zeros. A tensor whose values are all equal is
/// named with a warning, because weights that were never filled look like that. Where a fresh model has such
/// values, there is no warning: see ``ParameterRole``. A warning also names decay rates that no model learns.
struct NumberCheck {
  private var notFinite: [String] = []
  private var zero: [String] = []
  private var suspicious: [String] = []
  private var unremarkable: [String] = []
  private let ranges: StateSpaceRanges

  /// - Parameter numbers: The counts of each parameter, over all of its numbers.
  /// - Throws: ``ModelError/parameterType(_:_:)`` for a parameter without floating-point numbers, and the
  ///   errors of the source.
  /// - Complexity: Reads each tensor once more that is mostly, but not entirely, zero.
  init(
    _ numbers: [String: TensorNumbers], of model: any CheckpointSource,
    _ architecture: Architecture, inventory: ParameterInventory, jobs: Int
  ) throws {
    self.ranges = StateSpaceRanges(numbers, architecture)
    for parameter in inventory {
      guard let tensor = model.tensors[parameter.name] else { continue }
      guard tensor.type.isFloatingPoint else {
        throw ModelError.parameterType(tensor.name, tensor.type)
      }
      guard let numbers = numbers[parameter.name] else { continue }
      // Zeros that fill whole rows or columns are a hole. Zeros scattered all over are what pruning leaves.
      var isHole = numbers.zeros == numbers.count
      if numbers.isMostlyZero, !isHole {
        isHole = try ZeroLines(model, tensor, jobs: jobs).found
      }
      judge(parameter, numbers, isHole: isHole)
    }
  }

  /// Whether no number is NaN or infinite.
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
    if !ranges.unusual.isEmpty {
      detail +=
        "; as if no logarithms of decay rates, far from those of any model: \(Self.list(ranges.unusual))"
    }
    if let timeSteps = ranges.timeSteps {
      let (low, high) = (timeSteps.lowerBound.shortText, timeSteps.upperBound.shortText)
      detail += "; the time step biases alone give \(low) to \(high)"
    }
    let isRemarkable = !suspicious.isEmpty || !ranges.unusual.isEmpty
    return Check("numbers", isRemarkable ? .warned : .passed, detail)
  }

  /// The most tensors that are named.
  private static let listed = 10

  private static func list(_ names: [String]) -> String {
    names.prefix(listed).joined(separator: ", ")
      + (names.count > listed ? " and \(names.count - listed) more" : "")
  }

  /// A share in percent. It is never rounded up to 100 %.
  private static func percent(_ share: Double) -> String {
    "\(min(99, Int((share * 100).rounded()))) %"
  }
}
