import HymbaFormat
import Testing

@Suite("The name that was meant")
struct NearestNameTests {
  private static let names = ["checkpoints", "export", "layouts", "init", "help"]

  @Test(
    "letters that are missing, too many, wrong or swapped, and beginnings, are understood",
    arguments: [
      ("exprt", "export"), ("exporrt", "export"), ("ecport", "export"), ("exprot", "export"),
      ("EXPORT", "export"), ("exp", "export"), ("layout", "layouts"), ("checkpoint", "checkpoints"),
      ("chekpionts", "checkpoints"), ("inti", "init"), ("hlep", "help"), ("init", "init"),
    ])
  func near(_ word: String, _ name: String) {
    #expect(word.nearest(among: Self.names) == name)
  }

  @Test(
    "an ending that all files have says nothing, and both parts of a name must be near",
    arguments: [
      ("missing.safetensors", nil), ("modle.safetensors", "model.safetensors"),
      ("model.safetensor", "model.safetensors"), ("model", "model.safetensors"),
      ("model.nx", nil), ("wrng.safetensors", "wrong.safetensors"), ("x.pt", nil),
      ("layers.1.atention", "layers.1.attention"), ("layer.1.gate", nil), ("a.pth", "a.pt"),
    ] as [(String, String?)])
  func endings(_ word: String, _ name: String?) {
    let names = [
      "model.safetensors", "wrong.safetensors", "model.pt", "layers.1.attention", "a.pt", "gates.txt",
    ]
    #expect(word.nearest(among: names) == name)
  }

  @Test(
    "another word is near to nothing",
    arguments: ["", "ex", "convert", "model.nx", "unit2", String(repeating: "export", count: 20)])
  func far(_ word: String) { #expect(word.nearest(among: Self.names) == nil) }
}
