import Foundation
import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: a base that is missing, another or damaged")
struct MissingBaseTests {
  private let folder: BaseFolder
  private let path: String

  init() throws {
    folder = try BaseFolder()
    path = try folder.relative()
  }

  private func moveBase() throws -> String {
    let place = folder.folder.file("moved.hymba")
    try FileSystem.rename(folder.base, to: place, replace: false)
    return place
  }

  @Test("without its base a container is opened and its own bytes are checked, and a tensor that needs the base says so")
  func missing() throws {
    let moved = try moveBase()
    let source = try ContainerSource(path)
    let text = "it is relative to a base, which was looked for at \(folder.base) and is not there"
    #expect(message { try source.requireBase() } == text)
    #expect(source.missingBase?.description == text && source.missingBase?.kind == .noInput)
    #expect(source.tensorsOfBase == 3)
    #expect(try source.findDamage(jobs: 2) == [])
    for name in ["equal", "few", "tied"] {
      #expect(message { _ = try source.bytes(of: try #require(source.tensors[name])) } == text)
    }
    #expect(try source.bytes(of: try #require(source.tensors["added"])) == [1, 2, 3, 4, 5])
    let found = try source.relative(to: ContainerSource(moved))
    #expect(try found.bytes(of: try #require(found.tensors["equal"])) == BaseFolder.entries[0].bytes)
    #expect(found.missingBase == nil)
  }

  @Test("another container in the place of the base is told by its fingerprint")
  func other() throws {
    let expected = try ContainerSource(folder.base).fingerprint
    _ = try moveBase()
    let other = try folder.folder.container("base.hymba", .zstd, [BaseFolder.entries[0]])
    let found = try ContainerSource(other).fingerprint
    let text = "it is relative to a base with the fingerprint \(expected), and \(other) has \(found)"
    #expect(message { try ContainerSource(path).requireBase() } == text)
    #expect(message { _ = try ContainerSource(path).relative(to: ContainerSource(other)) } == text)
    #expect(message { _ = try ContainerSource(path).findDamage(jobs: 2) } == text)
    #expect(
      message { _ = try ContainerSource(other).relative(to: ContainerSource(other)) }
        == "it stands alone and is relative to no base")
  }

  @Test("a base that is no container is named with what it is")
  func noContainer() throws {
    _ = try moveBase()
    _ = try folder.folder.write(Array("{}".utf8), to: "base.hymba")
    let text =
      "\(folder.base): the header is damaged, or this is no .hymba container: not a safetensors file: it has 2 bytes, and the header's length alone takes 8"
    #expect(message { try ContainerSource(path).requireBase() } == text)
    #expect(message { _ = try ContainerSource(path).findDamage(jobs: 2) } == text)
  }

  @Test("a base that was cut short, and what is no file, are no missing base: nothing is checked")
  func wrongBase() throws {
    let intact = try folder.folder.read("base.hymba")
    try folder.folder.write(Array(intact.dropLast(10)), to: "base.hymba")
    let cut = message { _ = try ContainerSource(path).findDamage(jobs: 2) }
    #expect(cut?.hasPrefix("\(folder.base): the header is damaged, or this is no .hymba container: the tensor “") == true)
    #expect(cut?.hasSuffix("; it was cut short, or is damaged: copy or download it again") == true)
    try folder.folder.remove("base.hymba")
    try FileManager.default.createSymbolicLink(atPath: folder.base, withDestinationPath: "/dev/zero")
    #expect(
      message { _ = try ContainerSource(path).findDamage(jobs: 2) }
        == "\(folder.base): this is a pipe, a socket or a device and no file; save what comes from it to a file first")
  }

  @Test("the missing base of a base is told as such, as no option names it")
  func missingBaseOfBase() throws {
    let second = try folder.relative("second.hymba", BaseFolder.tuned(2), to: path)
    let moved = try moveBase()
    let text = "\(path): this base is relative to a base itself, which must lie beside it, and \(folder.base) is not there"
    #expect(message { try ContainerSource(second).requireBase() } == text)
    #expect(message { try ContainerSource(path).requireBaseOfBase() } == text)
    #expect(message { try ContainerSource(second).relative(to: ContainerSource(path)).requireBase() } == text)
    #expect(try ContainerSource(second).findDamage(jobs: 2) == [])
    let found = try ContainerSource(moved).fingerprint
    let other = try folder.folder.container("base.hymba", .zstd, [BaseFolder.entries[0]])
    #expect(
      try message { try ContainerSource(second).requireBase() }
        == "\(path): it is relative to a base with the fingerprint \(found), and \(other) has \(ContainerSource(other).fingerprint)")
    #expect(throws: FileDiagnosis.self) { try ContainerSource(second).findDamage(jobs: 2) }
  }

  @Test("damage in the base is found with its name, by reading and by checking, for references and differences")
  func damagedBase() throws {
    let base = try ContainerSource(folder.base)
    for name in ["equal", "few"] {
      let position = try #require(base.manifest.tensors.firstIndex { $0.descriptor.name == name })
      let place = base.storedRanges[position].lowerBound + 40
      let old = try folder.folder.read("base.hymba")[place]
      try overwrite(folder.base, at: place, with: [old ^ 1])
      let why = "its stored bytes have another XXH3 than the manifest says"
      let source = try ContainerSource(path)
      let tensor = try #require(source.tensors[name])
      #expect(message { _ = try source.bytes(of: tensor) } == "\(folder.base): the tensor “\(name)” is damaged: \(why)"
        + "; copy, download or convert the checkpoint again")
      #expect(
        try ContainerSource(path).findDamage(jobs: 2) == [
          ContainerDamage(part: .tensor(name), detail: "in its base \(folder.base), \(why)")
        ])
      try overwrite(folder.base, at: place, with: [old])
    }
  }

  @Test("damage in the differences is found with and without the base")
  func damagedDifferences() throws {
    let source = try ContainerSource(path)
    let position = try #require(source.manifest.tensors.firstIndex { $0.descriptor.name == "few" })
    let place = source.storedRanges[position].lowerBound + 30
    try overwrite(path, at: place, with: [folder.folder.read("tuned.hymba")[place] ^ 1])
    let damage = ContainerDamage(
      part: .tensor("few"), detail: "its stored bytes have another XXH3 than the manifest says")
    #expect(try ContainerSource(path).findDamage(jobs: 2) == [damage])
    #expect(
      message { _ = try ContainerSource(path).bytes(of: try #require(source.tensors["few"])) } == "\(damage)")
    _ = try moveBase()
    #expect(try ContainerSource(path).findDamage(jobs: 2) == [damage])
  }

  @Test("no changed byte of the container makes a program trap, and none gives other tensors")
  func mutations() throws {
    let small: [MemorySource.Entry] = [.init("t", .bfloat16, [600], Random.bytes(1200))]
    var changed = small[0].bytes
    for place in stride(from: 0, to: 1200, by: 30) { changed[place] ^= 1 }
    let base = try folder.folder.container("b.hymba", .zstd, small)
    let path = try folder.relative("m.hymba", [.init("t", .bfloat16, [600], changed)], to: base)
    #expect(try ContainerSource(path).manifest.tensors[0].encoding == .delta)
    let bytes = try folder.folder.read("m.hymba")
    var random = Random(3)
    for _ in 0..<600 {
      let place = random.next(below: bytes.count)
      let change = UInt8(1 << random.next(below: 8))
      try overwrite(path, at: place, with: [bytes[place] ^ change])
      if let source = try? ContainerSource(path), let tensor = source.tensors["t"],
        let read = try? source.bytes(of: tensor)
      {
        #expect(read == changed)
      }
      try overwrite(path, at: place, with: [bytes[place]])
    }
  }
}
