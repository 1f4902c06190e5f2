public import HymbaFormat

/// What follows from an architecture alone: parameters, what decoding keeps, and the work of a token.
public struct ModelSizes: Sendable {
  /// Tokens after which caches and attention are looked at.
  public static let context = 8192

  public let architecture: Architecture
  public let parameterCount: Int
  /// Parameters that one token meets: of experts, the chosen ones.
  public let activeParameterCount: Int
  /// Parameters by part, without parts that have none.
  public let parts: [(part: Parameter.Part, parameterCount: Int)]
  /// After ``context`` tokens.
  public let cache: Architecture.CacheSize
  /// Values that each further token adds to the caches, once it is beyond every window.
  public let keyValuesPerToken: Int
  /// Of the token that follows ``context`` - 1 others.
  public let work: Architecture.Work

  /// - Throws: as ``ParameterInventory/init(_:)``.
  public init(_ architecture: Architecture) throws(FormatError) {
    let inventory = try ParameterInventory(architecture)
    var counts: [Parameter.Part: Int] = [:]
    for parameter in inventory {
      counts[parameter.part, default: 0] += parameter.shape.elementCount
    }
    self.architecture = architecture
    self.parameterCount = inventory.elementCount
    self.activeParameterCount = inventory.activeElementCount
    self.parts = Parameter.Part.allCases.compactMap { part in counts[part].map { (part, $0) } }
    self.cache = architecture.cacheSize(context: Self.context)
    self.keyValuesPerToken = architecture.keyValuesPerToken
    self.work = architecture.work(context: Self.context, inventory)
  }
}
