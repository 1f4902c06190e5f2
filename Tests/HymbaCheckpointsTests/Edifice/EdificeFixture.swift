import HymbaFormat
import TestSupport
import Testing

/// A recorded `.nx` file.
struct EdificeFixture: Sendable, CustomTestStringConvertible {
  let set: String
  let file: String

  /// One checkpoint in all forms.
  static let tiny = ["model.nx", "model.zlib.nx", "model.otp26.nx", "bare.nx"].map {
    EdificeFixture(set: "edifice-hymba-tiny", file: $0)
  }
  static let all =
    tiny
    + ["edifice-hymba-small", "edifice-hymba-same-dim"].map {
      EdificeFixture(set: $0, file: "model.nx")
    }
  static let stored = tiny[0]
  static let compressed = tiny[1]
  static let bare = tiny[3]

  var path: String { Fixture.path(set, file) }
  var bytes: [UInt8] { get throws { try InputFile.contents(of: path, limit: 1 << 20) } }
  var testDescription: String { "\(set)/\(file)" }
}
