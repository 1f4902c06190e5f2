public import HymbaFormat

/// The sizes that follow from an architecture alone: its parameters, the values that decoding keeps, and the
/// work of a token.
public struct ModelSizes: Sendable {
  /// The number of tokens for which caches and attention are measured.
  public static let context = 8192

  public let architecture: Architecture
  /// The number of learned numbers.
  public let parameterCount: Int
  /// The number of learned numbers that take part in computing one token: all but the experts that are not
  /// chosen.
  public let activeParameterCount: Int
  /// The number of learned numbers of each part. Parts without parameters are left out.
  public let parts: [(part: Parameter.Part, parameterCount: Int)]
  /// The cache after ``context`` tokens.
  public let cache: Architecture.CacheSize
  /// Values that each further token adds to the caches, once it is beyond every window.
  public let keyValuesPerToken: Int
  /// The work of the token that follows ``context`` - 1 others.
  public let work: Architecture.Work

  /// - Throws: As ``ParameterInventory/init(_:)``.
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
