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
    "each error has the exit code of its kind",
    arguments: [
      (FormatError.notFound, 66), (.shardMissing("x"), 66), (.outputExists, 73),
      (.cannotRead("x"), 74),
      (.cannotWrite("x"), 74), (.notEnoughSpace(needed: 2, available: 1), 74),
      (.sectionDamaged(tensor: "x", "y"), 1),
      (.shardDisagrees(tensor: "x", indexSays: nil, foundIn: nil), 1), (.reservedName("x"), 1),
      (.notSafetensors("x"), 65), (.manifestDamaged(expected: "x", found: "y"), 65),
      (.notARegularFile, 65),
      (.json(.trailingText, offset: 1), 65), (.newerMajorVersion("2.0"), 65),
    ] as [(FormatError, Int32)])
  func exitCodes(_ error: FormatError, _ code: Int32) {
    #expect(error.kind.rawValue == code)
  }
}
