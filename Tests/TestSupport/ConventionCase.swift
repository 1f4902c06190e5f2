import Foundation
import HymbaFormat

/// A case of `Tests/Fixtures/conventions`: a recorded set in which one transformation changed some tensors.
public struct ConventionCase: Sendable, Decodable, CustomStringConvertible {
  public let base: String
  /// The kind of flag that the parameters get; nil for a control.
  public let kind: String?
  public let severity: String?
  public let parameters: Set<String>
  /// The options of `config.json` that changed.
  public let configuration: [String: Double]
  public private(set) var name = ""

  private enum CodingKeys: String, CodingKey { case base, kind, severity, parameters, configuration }

  public var description: String { name }

  /// All cases in the order of their names.
  public static let all: [ConventionCase] = {
    do {
      let file = URL(filePath: Fixture.path("conventions", "expected.json"))
      let cases = try JSONDecoder().decode([String: ConventionCase].self, from: Data(contentsOf: file))
      return cases.map { name, own in
        var own = own
        own.name = name
        return own
      }.sorted { $0.name < $1.name }
    } catch {
      preconditionFailure("the cases cannot be read: \(error)")
    }
  }()

  /// The changed set, in a folder that lasts as long as the result.
  public func checkpoint() throws -> ChangedCheckpoint {
    let changed = try SafetensorsSource(Fixture.path("conventions", name + ".safetensors"))
    return try ChangedCheckpoint(base) { entries in
      entries = try entries.map { entry in
        guard let tensor = changed.tensors[entry.name] else { return entry }
        return MemorySource.Entry(
          entry.name, tensor.type, tensor.shape.dimensions, try changed.bytes(of: tensor))
      }
    } configuration: { text in
      configuration.reduce(text) { text, option in
        text.replacing(
          /"([a-z_]+)": *[0-9.e-]+/,
          with: { match in
            match.output.1 == option.key ? "\"\(option.key)\": \(option.value)" : String(match.output.0)
          })
      }
    }
  }
}
