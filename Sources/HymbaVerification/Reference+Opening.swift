import HymbaConversion
import HymbaFormat
import HymbaModel

extension Reference {
  /// The use for which a file is given.
  public enum Role: String, Sendable {
    case captures, input

    /// Whether a file with these tensors can serve this use.
    func fits(_ tensors: TensorTable) -> Bool {
      switch self {
      case .captures: tensors.contains { Capture(name: $0.name) != nil }
      case .input: tensors["input"] != nil || tensors["input_ids"] != nil
      }
    }
  }

  /// The file that is looked for in a folder.
  static let fileName = "expected.safetensors"

  /// The file that a path stands for: the path itself, or in a folder the `expected.safetensors`.
  ///
  /// - Throws: ``VerificationError/folder(_:candidate:)`` for a folder without that file,
  ///   ``VerificationError/json(_:)`` for a JSON text.
  static func file(_ path: String, _ role: Role) throws -> String {
    guard FileSystem.isDirectory(path) else {
      if !path.hasSuffix(".index.json"), isJSON(path) {
        throw FileDiagnosis(path, VerificationError.json(role))
      }
      return path
    }
    let file = FileSystem.path(path, fileName)
    guard FileSystem.exists(file) else {
      throw FileDiagnosis(
        path, VerificationError.folder(role, candidate: candidate(in: path, role)))
    }
    return file
  }

  private static func isJSON(_ path: String) -> Bool {
    guard let file = try? InputFile(path),
      let start = try? file.bytes(at: 0, count: min(64, file.byteCount))
    else { return false }
    let text = start.drop { [0xEF, 0xBB, 0xBF, 0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return text.first == UInt8(ascii: "{") || text.first == UInt8(ascii: "[")
  }

  /// The most files of a folder that are examined.
  private static let candidates = 32

  /// The first safetensors file of a folder that could be the one that was meant.
  private static func candidate(in folder: String, _ role: Role) -> String? {
    let names = (try? FileSystem.entries(of: folder)) ?? []
    return names.filter { $0.lowercased().hasSuffix(".safetensors") }.prefix(candidates).first {
      let file = try? CheckpointFile.openSafetensors(FileSystem.path(folder, $0))
      return file.map { role.fits($0.tensors) } ?? false
    }
  }

  /// The most names of a file without captures that an error holds, to show them and to say what the file is.
  private static let shownNames = 64

  /// Checks that there is something to compare, before anything is computed.
  ///
  /// - Throws: ``VerificationError/noCaptures(names:count:hasInput:meant:)``.
  func requireCaptures(layers: Int) throws {
    let names = namesBeside([])
    guard !names.contains(where: { Capture(name: $0) != nil }) else { return }
    let known = (0...layers).map { Capture.hiddenStates($0).name } + Capture.ofWholeModel.map(\.name)
    let shown = names.prefix(Self.shownNames)
    throw FileDiagnosis(
      location,
      VerificationError.noCaptures(
        names: Array(shown), count: names.count,
        hasInput: shape(of: "input") != nil || shape(of: "input_ids") != nil,
        meant: shown.lazy.compactMap { $0.nearest(among: known) }.first))
  }
}
