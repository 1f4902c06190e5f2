import Foundation
import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// What lies beside weights under the name of their configuration and is none.
@Suite("Places of a config.json")
struct ConfigurationPlaceTests {
  private static let tiny = Fixture.folder("hymba-nvidia-tiny")

  /// A folder with the weights of a recorded one.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.link("model.safetensors", to: Self.tiny + "/model.safetensors")
    return folder
  }

  private func failure(_ path: String, configuration: String? = nil) -> (
    message: String, kind: FailureKind?
  ) {
    do {
      _ = try FamilyFixture.open(path, configuration: configuration)
      return ("opened", nil)
    } catch { return ("\(error)", (error as? any Diagnosis)?.kind) }
  }

  @Test(
    "what a server answered, or Git left, in place of a config.json is said to be that",
    arguments: [
      (
        "<html><title>404</title>",
        "this is a web page (“404”) and not a configuration; the download went wrong"
      ),
      (
        "Entry not found",
        "this is a text (“Entry not found”) and not a configuration; if it was downloaded, the download went wrong"
      ),
    ])
  func answers(_ text: String, _ message: String) throws {
    let folder = try folder()
    try folder.write(text, to: "config.json")
    #expect(
      failure(folder.path).message
        == "\(folder.file("config.json")): not a configuration that is known here: \(message)")
  }

  private static let device =
    "this is a pipe, a socket or a device and no file; save what comes from it to a file first"

  @Test(
    "a folder, a device, a pipe, a link that leads nowhere and one in a circle are named for what they are",
    arguments: [
      ("folder", "this is a folder, and a file is expected", .unreadable),
      ("/dev/zero", device, .unreadable), ("/dev/null", device, .unreadable),
      ("pipe", device, .unreadable), ("../gone", "is a link to ../gone, which is not there", .noInput),
      ("config.json", "is a link that leads back to itself", .noInput),
    ] as [(String, String, FailureKind)])
  func places(_ target: String, _ message: String, _ kind: FailureKind) throws {
    let folder = try folder()
    switch target {
    case "folder": try folder.makeFolder("config.json")
    case "pipe": #expect(unsafe mkfifo(folder.file("config.json"), 0o600) == 0)
    default: try folder.link("config.json", to: target)
    }
    let found = failure(folder.path)
    #expect(found.message == "\(folder.file("config.json")): \(message)")
    #expect(found.kind == kind)
    // One that the user names counts alone.
    let named = try FamilyFixture.open(folder.path, configuration: Self.tiny + "/config.json")
    #expect(named.description.configuration?.origin == "config.json")
    #expect(
      failure(Self.tiny, configuration: folder.file("config.json")).message == found.message)
  }

  @Test("without any configuration the way to give one is said")
  func none() throws {
    let folder = try folder()
    #expect(
      failure(folder.path).message
        == "\(folder.path): the layout nvidia-hymba needs a configuration")
  }
}
