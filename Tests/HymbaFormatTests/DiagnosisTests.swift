import HymbaFormat
import Testing

@Suite("Diagnosis")
struct DiagnosisTests {
  @Test(
    "control and format characters of a name are written out",
    arguments: [
      ("plain.weight", "plain.weight"), ("größe", "größe"), ("a\u{1B}[31mb", "a\\u{1b}[31mb"),
      ("a\r\nb", "a\\u{d}\\u{a}b"), ("a\u{202E}b", "a\\u{202e}b"), ("a\u{2028}b", "a\\u{2028}b"),
      ("", ""),
    ])
  func printable(_ text: String, _ shown: String) {
    #expect(text.printable == shown)
  }

  @Test("a text longer than any name is cut")
  func cut() {
    #expect(String(repeating: "x", count: 4096).printable == String(repeating: "x", count: 4096))
    #expect(
      String(repeating: "x", count: 4097).printable == String(repeating: "x", count: 1024) + "…")
    #expect(
      String(repeating: "\u{1B}", count: 5000).printable == String(
        repeating: "\\u{1b}", count: 1024) + "…")
  }

  @Test("the file is named once, in front, and cannot steer a terminal either")
  func naming() {
    func fail() throws { throw FormatError.notAContainer }
    #expect(
      message {
        try HymbaFormat.naming("outer") { try HymbaFormat.naming("in\u{1B}ner") { try fail() } }
      }
        == "in\\u{1b}ner: not a .hymba container")
    #expect(FileDiagnosis("x", FormatError.notFound).kind == .noInput)
  }

  @Test("an error of another kind passes through")
  func otherErrors() {
    #expect(throws: FailingSource.Failure()) {
      try HymbaFormat.naming("x") { throw FailingSource.Failure() }
    }
  }

  @Test(
    "each error is of a kind",
    arguments: [
      (FormatError.notFound, .noInput), (.shardsMissing(["x"]), .noInput),
      (.outputExists, .outputExists), (.cannotRead("x"), .inputOutput),
      (.cannotWrite("x"), .inputOutput), (.notEnoughSpace(needed: 2, available: 1), .inputOutput),
      (.sectionDamaged(tensor: "x", "y"), .wrong),
      (.shardDisagrees(tensor: "x", indexSays: nil, foundIn: nil), .wrong),
      (.reservedName("x"), .wrong), (.notSafetensors("x"), .unreadable),
      (.manifestDamaged(expected: "x", found: "y"), .unreadable), (.notARegularFile, .unreadable),
      (.json(.trailingText, offset: 1), .unreadable), (.newerMajorVersion("2.0"), .unreadable),
    ] as [(FormatError, FailureKind)])
  func kinds(_ error: FormatError, _ kind: FailureKind) {
    #expect(error.kind == kind)
  }
}
