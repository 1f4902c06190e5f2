import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

/// What the tests of Jamba and Zamba have in common.
enum FamilyFixture {
  static func open(_ path: String, configuration: String? = nil) throws -> OpenedModel {
    try OpenedModel.open(
      ModelInput(paths: [path]), OpeningOptions(configuration: configuration))
  }

  /// The error's text without the path in front.
  static func message(opening path: String, configuration: String? = nil) -> String {
    do {
      _ = try open(path, configuration: configuration)
      return "opened"
    } catch {
      return "\(error)".replacing(path + ": ", with: "", maxReplacements: 1)
    }
  }

  /// Expects that two checkpoints hold the same tensors, bit for bit.
  static func expectSame(_ a: any CheckpointSource, _ b: any CheckpointSource) throws {
    #expect(Set(a.tensors.map { $0 }) == Set(b.tensors.map { $0 }))
    for tensor in a.tensors {
      guard let other = b.tensors[tensor.name] else { continue }
      #expect(try a.bytes(of: tensor) == b.bytes(of: other), "\(tensor.name)")
    }
  }

  /// Goes through a container and back to the layout it came from, and expects the same tensors.
  static func expectRoundTrip(_ path: String, through layout: String) throws {
    let folder = try TemporaryFolder()
    let model = try open(path)
    #expect(model.layout.name == layout)
    try ContainerWriter(compression: .zstd, jobs: 2, replace: false, creator: "test")
      .write(model.parameters, model.description, to: folder.file("m.hymba"))
    try expectSame(
      open(folder.file("m.hymba")).exported(to: layout), SourceOpener.open(path))
  }

  /// Random weights of an architecture under a layout's names, imported again.
  static func expectRandomRoundTrip(
    _ architecture: Architecture, through layout: String, config: String
  ) throws {
    let folder = try TemporaryFolder()
    let weights = try RandomCheckpoint(architecture, seed: 3)
    let native = folder.file("native.safetensors")
    try SafetensorsWriter.write(
      weights, to: native, replace: false,
      metadata: [
        SafetensorsSource.architectureKey: String(decoding: architecture.json, as: UTF8.self)
      ])
    try SafetensorsWriter.write(
      open(native).exported(to: layout), to: folder.file("model.safetensors"), replace: false)
    try folder.write(config, to: "config.json")
    let back = try open(folder.path)
    #expect(back.layout.name == layout && back.architecture == architecture)
    try expectSame(back.parameters, weights)
  }
}

extension [UInt8] {
  /// One of `count` parts of equal size.
  func part(_ index: Int, of count: Int) -> [UInt8] {
    let size = self.count / count
    return Array(self[index * size..<(index + 1) * size])
  }
}
