public import HymbaFormat

/// Every parameter of an architecture, with its shape, in the order of computation. A shared block occurs once,
/// before the layers.
public struct ParameterInventory: Sendable, RandomAccessCollection {
  private let parameters: [Parameter]
  private let positions: [String: Int]
  /// The number of learned numbers in all parameters together.
  public let elementCount: Int
  /// The number of learned numbers that take part in computing one token: all but the experts that the router
  /// does not choose.
  public let activeElementCount: Int

  /// The largest number of learned numbers in a model. It is two thousand times that of the largest released
  /// hybrid. It leaves enough room below 2^63 for counting a number once for each layer.
  static let largestElementCount = 1 << 50

  /// Lists the parameters.
  ///
  /// - Throws: `FormatError/invalidShape(_:_:)` for an architecture with more than `largestElementCount`
  ///   numbers.
  /// - Complexity: Linear in the number of parameters.
  public init(_ architecture: Architecture) throws(FormatError) {
    var builder = InventoryBuilder()
    try builder.add(architecture)
    var count = 0
    for parameter in builder.parameters {
      guard parameter.shape.elementCount <= Self.largestElementCount - count else {
        throw .invalidShape(
          parameter.shape.dimensions,
          "of the parameter “\(parameter.name)” brings the model beyond \(Self.largestElementCount) numbers"
        )
      }
      count += parameter.shape.elementCount
    }
    self.parameters = builder.parameters
    self.positions = Dictionary(
      uniqueKeysWithValues: builder.parameters.enumerated().map { ($1.name, $0) })
    self.elementCount = count
    // The idle experts were counted above, so their count is within the limit and no product overflows.
    let idle = architecture.layers.reduce(0) {
      $0 + $1.feedForward.idleCount(hiddenSize: architecture.hiddenSize)
    }
    self.activeElementCount = count - idle
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { parameters.count }
  public subscript(position: Int) -> Parameter { parameters[position] }
  public subscript(name: String) -> Parameter? { positions[name].map { parameters[$0] } }
}

/// One parameter of the inventory.
public struct Parameter: Hashable, Sendable {
  public let name: String
  public let shape: Shape
  public let part: Part
  /// Whether the parameter is a matrix with which activations are multiplied.
  public let isProjection: Bool

  /// Whether the parameter belongs to the block that several layers apply.
  public var isShared: Bool { name.hasPrefix("shared.") }

  /// The shared block that the parameter belongs to, counted from 0; nil where it belongs to none.
  var sharedBlock: Int? {
    isShared ? Int(name.split(separator: ".", maxSplits: 2)[1]) ?? 0 : nil
  }

  /// The parts of a model for which parameters are counted separately.
  public enum Part: String, Sendable, CaseIterable {
    case input
    case metaTokens = "meta tokens"
    case norms
    case attention
    case mamba
    case fusion
    /// The blocks that several layers apply, and each layer's own adapters and projection of a block's result.
    case sharedBlock = "shared block"
    case feedForward = "feed forward"
    /// The expert networks, of which each token goes through some, and their routers.
    case experts
    case output
  }
}
