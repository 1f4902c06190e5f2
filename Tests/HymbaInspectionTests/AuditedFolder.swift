import Foundation
import HymbaConversion
import HymbaFormat
import HymbaInspection
import TestSupport

/// A copy of a recorded folder in which single files can be changed.
struct AuditedFolder {
  let folder: TemporaryFolder
  var path: String { folder.path }

  init(_ set: String) throws {
    folder = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: Fixture.folder(set)) {
      try folder.link(name, to: Fixture.path(set, name))
    }
  }

  /// Puts other bytes into a file.
  func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = try folder.read(name)
    body(&bytes)
    try folder.remove(name)
    try folder.write(bytes, to: name)
  }

  /// Replaces text in a file, which must be there.
  func replace(_ name: String, _ old: String, _ new: String) throws {
    let text = String(decoding: try folder.read(name), as: UTF8.self)
    precondition(text.contains(old), "\(name) has no \(old)")
    try folder.remove(name)
    try folder.write(text.replacing(old, with: new), to: name)
  }

  /// Writes other tensors into a safetensors file.
  func rewrite(_ name: String, _ body: (inout [MemorySource.Entry]) throws -> Void) throws {
    let source = try SafetensorsSource(folder.file(name))
    var entries = try source.tensors.map {
      MemorySource.Entry($0.name, $0.type, $0.shape.dimensions, try source.bytes(of: $0))
    }
    try body(&entries)
    try folder.remove(name)
    try SafetensorsWriter.write(
      MemorySource(entries, metadata: source.metadata), to: folder.file(name), replace: false)
  }

  /// Changes an index.
  func changeIndex(_ body: (inout [String: Any], inout [String: String]) -> Void) throws {
    let name = "model.safetensors.index.json"
    let object = try JSONSerialization.jsonObject(with: Data(try folder.read(name)))
    var index = object as? [String: Any] ?? [:]
    var map = index["weight_map"] as? [String: String] ?? [:]
    body(&index, &map)
    index["weight_map"] = map
    try folder.remove(name)
    try folder.write(
      Array(try JSONSerialization.data(withJSONObject: index, options: .sortedKeys)), to: name)
  }

  /// The findings but the notes.
  func findings(_ name: String? = nil, _ options: OpeningOptions = .init()) throws -> [Finding] {
    try Self.findings(name.map(folder.file) ?? path, options)
  }

  static func findings(
    _ path: String, _ options: OpeningOptions = .init()
  ) throws -> [Finding] {
    try CheckpointAudit(path, options).findings.filter { $0.severity != .note }
  }

  /// The notes of a kind.
  func notes(_ kind: Finding.Kind) throws -> [Finding] {
    try CheckpointAudit(path).findings.filter { $0.severity == .note && $0.kind == kind }
  }
}

extension MemorySource.Entry {
  func named(_ name: String) -> Self { .init(name, type, dimensions, bytes) }
}
