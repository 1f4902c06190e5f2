import HymbaFormat
package import HymbaModel

/// What is looked at in a parameter while it is read, beside the counts of its numbers.
package struct FigurePlan: Hashable, Sendable {
  /// How the values themselves are looked at.
  enum Values: Hashable, Sendable {
    case none
    /// Their distribution.
    case distribution
    /// Their distribution, and whether each row of this many is log(1), log(2), ….
    case decay(states: Int)
    /// The size of each tap, of which a channel has this many, within the channels of the branch's input.
    case convolution(taps: Int, channels: Int)
  }

  private(set) var values = Values.none
  /// Whether the root mean square is computed.
  private(set) var measuresSize = false
  /// The number of elements of a row, where rows are compared; 0 where they are not.
  private(set) var rowWidth = 0

  /// The most values that are looked at themselves. They take 4 bytes each while their tensor is read.
  private static let mostValues = 1 << 20
  /// The most rows that are compared. They take 8 bytes each while their tensor is read.
  private static let mostRows = 1 << 22
  /// The narrowest rows that are compared. Narrower ones may agree by chance in a type of few bits.
  private static let leastWidth = 16

  init(rowWidth: Int) { self.rowWidth = rowWidth }

  package init(_ parameter: Parameter, in architecture: Architecture) {
    let name = parameter.name
    let role = ParameterRole(parameter)
    let dimensions = parameter.shape.dimensions
    let stateSpace = parameter.layer(in: architecture)?.stateSpace
    measuresSize = MultiplierRule.measures(parameter, in: architecture)
    if parameter.shape.elementCount <= Self.mostValues {
      if role == .norm || parameter.isTimeStepBias {
        values = .distribution
      } else if name.hasSuffix(".mamba.A_log") {
        values = .decay(states: dimensions.last ?? 1)
      } else if name.hasSuffix(".mamba.conv1d.weight"), let stateSpace {
        values = .convolution(taps: dimensions.last ?? 1, channels: stateSpace.innerSize)
      }
    }
    guard role == .weight, !name.hasSuffix("conv1d.weight"), dimensions.count > 1,
      let width = dimensions.last, width >= Self.leastWidth,
      parameter.shape.elementCount / width <= Self.mostRows
    else { return }
    rowWidth = width
  }
}

extension Parameter {
  /// The layer that the parameter belongs to; nil where it belongs to none.
  func layer(in architecture: Architecture) -> Architecture.Layer? {
    let words = name.split(separator: ".", maxSplits: 2)
    guard words.count == 3, words[0] == "layers", let index = Int(words[1]),
      architecture.layers.indices.contains(index)
    else { return nil }
    return architecture.layers[index]
  }

  /// Whether it is added to the time steps before their softplus.
  var isTimeStepBias: Bool {
    name.hasSuffix(".mamba.dt_bias") || name.hasSuffix(".mamba.dt_proj.bias")
  }
}
