import HymbaConversion
import HymbaFormat
import HymbaModel

/// The captures that the names in another tool's file stand for.
///
/// It is written as a JSON object: `"blk.{layer}.attn_out": "layers.{layer}.attention"`. `{layer}` stands for the
/// number of a layer, `{layer+1}` for the next one. Null leaves a tensor aside.
public struct NameMap: Sendable {
  public let location: String
  /// The entries without a placeholder first, otherwise sorted by their names.
  let entries: [Entry]

  struct Entry: Sendable {
    let name: NamePattern
    /// The capture, or the input; nil where the tensor is left aside.
    let meaning: NamePattern?
  }

  /// Reads a map.
  ///
  /// - Throws: `FileDiagnosis` with ``VerificationError/nameMap(_:)`` for a text that is no such map, and with the
  ///   errors of reading the file.
  public init(_ path: String) throws {
    self.location = path
    self.entries = try naming(path) {
      let bytes = try InputFile.document(path, limit: Limits.configurationBytes)
      guard case .object(let members) = try JSONValue(parsing: bytes) else {
        throw VerificationError.nameMap(
          "a map of names is an object with the names in the file and the captures that they stand for"
        )
      }
      let entries = try members.sorted { $0.key.utf8Precedes($1.key) }.map(Self.entry)
      return entries.filter { $0.name.numbers.isEmpty }
        + entries.filter { !$0.name.numbers.isEmpty }
    }
  }

  private static func entry(_ name: String, _ meaning: JSONValue) throws -> Entry {
    let pattern = try self.pattern(name)
    switch meaning {
    case .null: return Entry(name: pattern, meaning: nil)
    case .string(let text):
      let target = try self.pattern(text)
      guard let example = target.expanded(["layer": 1]), isKnown(example) else {
        let meant = text.nearest(among: meanings).map { " (did you mean \($0)?)" } ?? ""
        throw VerificationError.nameMap(
          "“\(name.printable)” stands for “\(text.printable)”, which is no capture\(meant)")
      }
      guard pattern.numbers == target.numbers else {
        throw VerificationError.nameMap(
          "“\(name.printable)” and “\(text.printable)” have {layer} in only one of them")
      }
      return Entry(name: pattern, meaning: target)
    default:
      throw VerificationError.nameMap(
        "“\(name.printable)” stands for \(meaning.summary); expected the name of a capture, or null"
      )
    }
  }

  private static func pattern(_ text: String) throws(VerificationError) -> NamePattern {
    if let pattern = try? NamePattern(text), !pattern.standsForAnyName,
      pattern.numbers.isSubset(of: ["layer"])
    {
      return pattern
    }
    let shown = String(text.prefix(64)).printable
    throw .nameMap(
      text.isEmpty
        ? "a name is empty"
        : "the name “\(shown)” is too long or has braces that are neither {layer} nor {layer+1}")
  }

  private static let inputs: Set<String> = ["input", "input_ids", "target_mask"]

  private static func isKnown(_ name: String) -> Bool {
    inputs.contains(name) || Capture(name: name) != nil
  }

  /// What names may stand for, for advice.
  private static let meanings =
    ["attention", "mamba", "gate", "attention_normed", "mamba_normed", "router", "shared"].map {
      "layers.{layer}.\($0)"
    } + ["hidden_states.{layer}", "hidden_states.{layer+1}", "hidden_states.0"]
    + Capture.ofWholeModel.map(\.name) + inputs.sorted()
}

/// The tensors of another tool's file under the names of captures.
struct RenamedSource: CheckpointSource {
  let tensors: TensorTable
  /// The names of the map that no tensor has.
  let unusedNames: [String]
  private let original: any CheckpointSource
  private let originals: [String: TensorDescriptor]
  var location: String { original.location }
  var files: [SourceFile] { original.files }

  /// - Throws: `FileDiagnosis` with ``VerificationError/nameMap(_:)`` where two tensors stand for one capture.
  init(_ original: any CheckpointSource, by map: NameMap) throws {
    var originals: [String: TensorDescriptor] = [:]
    var renamed: [TensorDescriptor] = []
    var used: Set<NamePattern> = []
    for tensor in original.tensors {
      var name = tensor.name
      let matches = map.entries.lazy.compactMap { entry in
        entry.name.match(tensor.name).map { (entry, $0) }
      }
      if let (entry, numbers) = matches.first {
        used.insert(entry.name)
        guard let meaning = entry.meaning?.expanded(numbers) else { continue }
        name = meaning
      }
      if let other = originals.updateValue(tensor, forKey: name) {
        throw FileDiagnosis(
          map.location,
          VerificationError.nameMap(
            "“\(other.name.printable)” and “\(tensor.name.printable)” both stand for “\(name.printable)”"
          ))
      }
      renamed.append(try TensorDescriptor(name: name, type: tensor.type, shape: tensor.shape))
    }
    self.original = original
    self.originals = originals
    self.tensors = try TensorTable(renamed)
    self.unusedNames = map.entries.map(\.name).filter { !used.contains($0) }.map(\.text).sorted()
  }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    guard let own = originals[tensor.name] else { throw FormatError.noSuchTensor(tensor.name) }
    return RenamedReading(try original.reading(of: own, purpose), as: tensor)
  }

  func read(
    _ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan
  ) throws {
    guard let own = originals[tensor.name] else { throw FormatError.noSuchTensor(tensor.name) }
    try original.read(own, from: offset, into: &buffer)
  }
}
