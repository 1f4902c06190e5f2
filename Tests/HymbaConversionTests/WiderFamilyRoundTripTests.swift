import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Round trips of the wider family")
struct WiderFamilyRoundTripTests {
  @Test(
    "a checkpoint comes back from a container bit for bit, with what the model ignores",
    arguments: [
      ("zamba2-tiny", "hf-zamba2"), ("zamba2-options", "hf-zamba2"),
      ("falcon-h1-tiny", "hf-falcon-h1"), ("falcon-h1-options", "hf-falcon-h1"),
      ("bamba-tiny", "hf-bamba"), ("bamba-options", "hf-bamba"),
      ("granite-hybrid-tiny", "hf-granite-hybrid"), ("granite-hybrid-options", "hf-granite-hybrid"),
      ("nemotron-h-tiny", "hf-nemotron-h"), ("nemotron-h-options", "hf-nemotron-h"),
      ("mamba-tiny", "hf-mamba"), ("mamba-options", "hf-mamba"), ("mamba2-tiny", "hf-mamba2"),
      ("mamba2-options", "hf-mamba2"), ("recomputed/zamba2-older-names", "hf-zamba2"),
      ("recomputed/granite-hybrid-memory-names", "hf-granite-hybrid-memory"),
    ])
  func container(_ set: String, _ layout: String) throws {
    try FamilyFixture.expectRoundTrip(Fixture.folder(set), through: layout)
  }
}
