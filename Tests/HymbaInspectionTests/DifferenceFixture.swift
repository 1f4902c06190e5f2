import FoundationEssentials
import HymbaConversion
import HymbaFormat
import TestSupport

@testable import HymbaInspection

/// The cases of `Tests/Fixtures/differences`, whose second checkpoints were made in Python.
struct DifferenceFixture: Sendable {
  struct Case: Decodable, Sendable {
    let tensor: String
    let status: String
    /// Nil for a change that nothing explains.
    let kind: String?
    let detail: String?
    let exact: Bool?
    /// The kind for which the case is a control.
    let never: String?
    let relativeChange: Double?
    let cosine: Double?
    let maxDifference: Double?
  }

  struct Rank: Decodable, Sendable {
    let rank: Int?
    let energy: Double
  }

  private struct Document: Decodable {
    let cases: [String: Case]
    let lowRank: [String: Rank]
  }

  private static let document: Document? = try? JSONDecoder().decode(
    Document.self,
    from: Data(InputFile.contents(of: Fixture.path("differences", "expected.json"), limit: 1 << 20)))

  static var cases: [String: Case] { document?.cases ?? [:] }
  static var ranks: [String: Rank] { document?.lowRank ?? [:] }

  static let base = Fixture.folder("bamba-tiny")

  /// The second checkpoint of a case: the first with the tensors of the case in place of its own.
  static func changed(_ name: String) throws -> ChangedCheckpoint {
    let changes = try SafetensorsSource(Fixture.path("differences", "cases/\(name).safetensors"))
    return try ChangedCheckpoint("bamba-tiny") { entries in
      entries = try entries.map { entry in
        guard let change = changes.tensors[entry.name] else { return entry }
        return .init(
          change.name, change.type, change.shape.dimensions, try changes.bytes(of: change))
      }
    }
  }
}

extension CheckpointPair.Side {
  init(_ source: any CheckpointSource) {
    self.init(location: source.location, source: source, layout: nil)
  }
}
