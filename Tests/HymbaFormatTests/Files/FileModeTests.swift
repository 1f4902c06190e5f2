import TestSupport
import Testing

@testable import HymbaFormat

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Modes of files that are written")
struct FileModeTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func mode(_ name: String) -> mode_t? {
    var status = stat()
    return unsafe stat(folder.file(name), &status) == 0 ? status.st_mode & 0o777 : nil
  }

  private func source(_ mode: mode_t) throws -> SafetensorsSource {
    let path = folder.file("source.safetensors")
    try SafetensorsWriter.write(
      MemorySource([MemorySource.Entry("a", .uint8, [1], [7])]), to: path, replace: true)
    unsafe chmod(path, mode)
    return try SafetensorsSource(path)
  }

  @Test(
    "a file that is replaced gives its mode to the new one",
    arguments: [0o600, 0o640, 0o755, 0o444] as [mode_t])
  func replaced(_ mode: mode_t) throws {
    let path = try folder.write("old", to: "x")
    unsafe chmod(path, mode)
    let output = try OutputFile(path, replace: true)
    #expect(self.mode(try #require(folder.entries.first { $0.hasSuffix(".part") })) == mode)
    try output.commit(byteCount: 0)
    #expect(self.mode("x") == mode)

    unsafe chmod(path, mode)
    let files = try OutputFolder(folder.path, replace: true)
    try files.add("x", contents: [1])
    try files.commit()
    #expect(self.mode("x") == mode)
  }

  @Test(
    "a new file is read by those who may read its source, in whatever form",
    arguments: [(0o600, 0o600), (0o640, 0o640), (0o400, 0o600), (0o664, 0o644)]
      as [(mode_t, mode_t)])
  func new(_ mode: mode_t, _ expected: mode_t) throws {
    let source = try source(mode)
    try SafetensorsWriter.write(source, to: folder.file("new.safetensors"), replace: false)
    #expect(self.mode("new.safetensors") == expected)
    try ContainerWriter(compression: .zstd, jobs: 1, replace: false, creator: "test").write(
      source,
      CheckpointDescription(
        architecture: nil, layout: .verbatim, configuration: nil, metadata: [:], files: [],
        assumptions: [], carried: []), to: folder.file("new.hymba"))
    #expect(self.mode("new.hymba") == expected)
    let output = try OutputFolder(folder.file("out"), replace: false, mode: source.outputMode)
    try ShardedWriter(source, shardBytes: 1, metadata: [:]).write(into: output, jobs: 1) { _ in }
    try output.add("open", contents: [1], mode: .open)
    try output.commit()
    #expect(self.mode("out/model.safetensors") == expected)
    #expect(self.mode("out/open") == 0o644)
  }

  @Test("of several files the most private one counts, and one that is not there does not")
  func several() throws {
    for (name, mode) in [("a", 0o644), ("b", 0o640), ("c", 0o604)] as [(String, mode_t)] {
      unsafe chmod(try folder.write("", to: name), mode)
    }
    let paths = ["a", "b", "c", "none"].map(folder.file)
    #expect(FileMode(ofFileMadeOf: paths).bits == 0o600)
    #expect(FileMode(ofFileMadeOf: [paths[0], paths[3]]) == .open)
  }
}
