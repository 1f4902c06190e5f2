public import HymbaFormat

/// Every parameter that an architecture has, with its shape, in the order of computation; a shared block once,
/// before the layers.
public struct ParameterInventory: Sendable, RandomAccessCollection {
  private let parameters: [Parameter]
  private let positions: [String: Int]
  /// The number of parameters in the other sense: of learned numbers.
  public let elementCount: Int
  /// The numbers that one token meets: all but the experts that the router does not choose.
  public let activeElementCount: Int

  /// Of all parameters together: two thousand times the largest released hybrid, and far enough from 63 bits
  /// for what is counted once for each layer.
  static let largestElementCount = 1 << 50

  /// - Throws: ``FormatError/invalidShape(_:_:)`` for an architecture with more than ``largestElementCount`` numbers.
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
    // No more than was counted above, so that no product overflows.
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
  /// Whether activations are multiplied with it as a matrix.
  public let isProjection: Bool

  /// Whether it belongs to the block that several layers apply.
  public var isShared: Bool { name.hasPrefix("shared.") }

  /// Parts of a model, for totals.
  public enum Part: String, Sendable, CaseIterable {
    case input
    case metaTokens = "meta tokens"
    case norms
    case attention
    case mamba
    case fusion
    /// The block that several layers apply, and each layer's own projection of what it gives.
    case sharedBlock = "shared block"
    case feedForward = "feed forward"
    /// Networks of which each token goes through some, with their routers.
    case experts
    case output
  }
}
