import HymbaCheckpoints
import HymbaFormat
import HymbaModel

/// The keys and the tensors of a GGUF file, from which its model is recognised.
///
/// The facts are those of llama.cpp's converter: the key of a model property begins with the name of the
/// architecture, and whether a part exists is told by its tensors.
struct GGUFModel {
  /// The key that every GGUF file of a model has.
  static let architectureKey = "general.architecture"

  /// The value of ``architectureKey``.
  let architecture: String
  let tensors: TensorTable
  private let keys: JSONValue

  /// - Returns: Nil for a source that is no GGUF file.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a file that does not say its architecture.
  init?(_ source: any CheckpointSource) throws {
    guard let document = source.embeddedConfiguration, document.origin == GGUFSource.keysOrigin else {
      return nil
    }
    let keys = try JSONValue(parsing: Array(document.text.utf8))
    guard case .string(let architecture)? = keys[Self.architectureKey] else {
      throw ConversionError.option(
        Self.architectureKey, found: keys[Self.architectureKey]?.summary ?? "absent",
        expected: "the name of an architecture; --layout verbatim keeps the tensors under their own names")
    }
    self.architecture = architecture
    self.keys = keys
    self.tensors = source.tensors
  }

  // MARK: Keys

  /// The name of a model property's key: `jamba.block_count`.
  func key(_ property: String) -> String { "\(architecture).\(property)" }

  subscript(property: String) -> JSONValue? { keys[key(property)] }

  /// The properties of the architecture with their values, by name.
  var properties: [(name: String, value: JSONValue)] {
    guard case .object(let members) = keys else { return [] }
    return members.compactMap { key, value in key.utf8Rest(after: self.key("")).map { ($0, value) } }
      .sorted { $0.name.utf8Precedes($1.name) }
  }

  /// The value of a key that does not belong to one architecture.
  func general(_ key: String) -> JSONValue? { keys[key] }

  /// A whole number; nil where the file does not have the key.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is none, or is below 0.
  func optionalWhole(_ property: String) throws(ConversionError) -> Int? {
    guard let value = self[property] else { return nil }
    guard let whole = value.wholeNumber, (0...Architecture.largestSize).contains(whole) else {
      throw .option(
        key(property), found: value.summary,
        expected: "a whole number from 0 to \(Architecture.largestSize)")
    }
    return whole
  }

  /// A whole number from 1 on.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for an absent key, and for another value.
  func size(_ property: String) throws(ConversionError) -> Int {
    guard let whole = try optionalWhole(property) else { throw absent(property) }
    guard whole > 0 else {
      throw .option(key(property), found: "0", expected: "a whole number from 1 on")
    }
    return whole
  }

  /// A number; nil where the file does not have the key.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is none.
  func number(_ property: String) throws(ConversionError) -> Double? {
    guard let value = self[property] else { return nil }
    guard let number = value.double else {
      throw .option(key(property), found: value.summary, expected: "a number")
    }
    return number
  }

  /// A flag; nil where the file does not have the key.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a value that is none.
  func flag(_ property: String) throws(ConversionError) -> Bool? {
    switch self[property] {
    case nil: return nil
    case .bool(let flag)?: return flag
    case let other?: throw .option(key(property), found: other.summary, expected: "true or false")
    }
  }

  /// A whole number for each layer of the forward pass. A single number holds for all layers.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for an absent key, and for another value.
  func wholePerLayer(_ property: String) throws(ConversionError) -> [Int] {
    guard let value = self[property] else { throw absent(property) }
    let further = try furtherLayers()
    guard case .array(let elements) = value else {
      return Array(repeating: try optionalWhole(property) ?? 0, count: further.lowerBound)
    }
    let numbers = elements.compactMap(\.wholeNumber).filter { (0...Architecture.largestSize).contains($0) }
    guard numbers.count == elements.count, numbers.count == further.upperBound else {
      throw .option(
        key(property), found: "a list of \(elements.count)",
        expected: "a whole number for each of the \(further.upperBound) layers of \(key("block_count"))")
    }
    return Array(numbers[..<further.lowerBound])
  }

  private func absent(_ property: String) -> ConversionError {
    .option(key(property), found: "absent", expected: "the key, which \(architecture.printable) needs")
  }

  // MARK: Tensors

  /// The number of layers that the forward pass has: without those that predict further tokens.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a number that the file cannot have.
  func layerCount() throws(ConversionError) -> Int { try furtherLayers().lowerBound }

  /// The layers behind those of the forward pass. They predict further tokens, and mostly there are none.
  /// - Throws: ``ConversionError/option(_:found:expected:)`` for a number that the file cannot have.
  func furtherLayers() throws(ConversionError) -> Range<Int> {
    let blocks = try size("block_count")
    // Each layer has a tensor at least, so that a list of layers is no longer than the file's own table.
    guard blocks <= tensors.count else {
      throw .option(
        key("block_count"), found: "\(blocks)",
        expected: "at most \(tensors.count), as the file has no more tensors")
    }
    let further = try optionalWhole("nextn_predict_layers") ?? 0
    guard further < blocks else {
      throw .option(key("nextn_predict_layers"), found: "\(further)", expected: "fewer than all layers")
    }
    return blocks - further..<blocks
  }

  /// The number of the layer that a tensor is of; nil for one of no layer.
  static func layer(of name: String) -> Int? { layerPattern?.match(name)?["layer"] }

  private static let layerPattern = try? NamePattern("blk.{layer}.{name}")

  func has(_ name: String, layer: Int) -> Bool { tensors["blk.\(layer).\(name)"] != nil }

  /// The shape of a layer's tensor, for the first layer that has it; nil where none has.
  func shape(_ name: String) throws(ConversionError) -> [Int]? {
    for layer in 0..<(try layerCount()) {
      if let tensor = tensors["blk.\(layer).\(name)"] { return tensor.shape.dimensions }
    }
    return nil
  }

  /// The number of rows of a layer's matrix, for the first layer that has it; nil where none has.
  func rows(_ name: String) throws(ConversionError) -> Int? { try shape(name)?.first }

  func hasInSomeLayer(_ name: String) throws(ConversionError) -> Bool { try shape(name) != nil }
}
