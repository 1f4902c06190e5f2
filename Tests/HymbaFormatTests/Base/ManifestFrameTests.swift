import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Container: the manifest of version 2")
struct ManifestFrameTests {
  private static let text = Array(Forgery.manifest(tensors: "[]", version: "2.0").utf8)

  private func open(_ stored: [UInt8]) throws -> ContainerSource {
    let folder = try TemporaryFolder()
    let forged = Forgery(entries: [], manifest: "", version: "2.0").bytes(manifest: stored)
    return try ContainerSource(folder.write(forged, to: "c.hymba"))
  }

  @Test("it is one frame of the text")
  func frame() throws {
    let frame = try ManifestFrame.encode(Self.text)
    #expect(frame.count < Self.text.count)
    #expect(try ManifestFrame.decode(frame) == Self.text)
    #expect(try open(frame).manifest.formatVersion == "2.0")
  }

  @Test("what is no such frame is refused in one sentence")
  func refused() throws {
    let frame = try ManifestFrame.encode(Self.text)
    var otherChecksum = frame
    otherChecksum[frame.count - 1] ^= 1
    let none = "it is no Zstandard frame that says how many bytes it holds"
    for (stored, why) in [
      (Self.text, none), ([], none),
      // A frame without a content size: one empty block.
      ([0x28, 0xB5, 0x2F, 0xFD, 0, 0, 1, 0, 0], none),
      (frame + frame, "its frame does not decode: not exactly one Zstandard frame"),
      (Array(frame.dropLast()), "its frame does not decode: Src size is incorrect"),
      (otherChecksum, "its frame does not decode: Restored data doesn't match checksum"),
    ] {
      #expect(message { _ = try open(stored) } == "the manifest is not valid: \(why)")
    }
  }

  @Test("a frame that claims more than a manifest of its size can be is not decoded")
  func bomb() throws {
    let frame = try ManifestFrame.encode([UInt8](repeating: 0x20, count: 17 << 20))
    let why = "its frame of \(frame.count) bytes claims to hold 17825792, which is more than is accepted"
    #expect(message { _ = try open(frame) } == "the manifest is not valid: \(why)")
    // Up to 16 MB there is no such suspicion, and the text is what is wrong.
    let small = try ManifestFrame.encode([UInt8](repeating: 0x20, count: 1 << 20))
    #expect(message { _ = try open(small) }?.contains("claims") == false)
  }
}
