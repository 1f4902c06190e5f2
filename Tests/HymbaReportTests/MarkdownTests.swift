import HymbaModel
import HymbaVerification
import Testing

@testable import HymbaReport

@Suite("Markdown for pull requests")
struct MarkdownTests {
  @Test(
    "prose becomes no markup, and no word becomes a link",
    arguments: [
      ("a_b *c* [d](e)", #"a\_b \*c\* \[d\](e)"#), ("<b>&|", #"&lt;b&gt;&amp;\|"#),
      ("by @torvalds!", "by `@torvalds!`"),
      ("see #12, owner/repo#3", "see `#12,` `owner/repo#3`"), ("GH-7", "`GH-7`"),
      ("https://x.y", "`https://x.y`"), ("commit 1a2b3c4d.", "commit `1a2b3c4d.`"),
      ("a\nb", #"a\\u{a}b"#),
      ("layers.0.gate is 1e-06 of the largest", "layers.0.gate is 1e-06 of the largest"),
      ("` \\", #"\` \\"#), ("$x$", "`$x$`"),
    ])
  func prose(text: String, expected: String) { #expect(MarkdownText.prose(text) == expected) }

  @Test(
    "code stays code, whatever backticks and bars it has",
    arguments: [
      ("a", "`a`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("``", "``` `` ```"),
      ("a|b", #"`a\|b`"#), ("", "(empty)"),
      ("a\u{202E}b", #"`a\u{202e}b`"#),
    ])
  func code(text: String, expected: String) { #expect(MarkdownText.code(text) == expected) }

  @Test("a failure is told first, with the first divergence and the table of checks")
  func failure() {
    var report = VerificationReport(
      source: "m|x.hymba", layout: "hymba", assumptions: ["eps is 1e-5"])
    report.checks = [
      Check("inventory", passed: true, "all there"),
      Check("reference", passed: false, "1 | differs"),
    ]
    report.comparison = [
      CaptureComparison(
        "hidden_states.0", got: Tensor([2], [1, 2]), expected: Tensor([2], [1, 2])),
      CaptureComparison("layers.0.@x", got: Tensor([2], [1, 2]), expected: Tensor([2], [1, 3])),
    ]
    #expect(
      ForwardMarkdown(report, maker: "test 1").text == #"""
        ## Verification of `m\|x.hymba`

        ❌ **Failed: reference.**

        | check | result | finding |
        | --- | --- | --- |
        | inventory | ✓ ok | all there |
        | reference | ✗ failed | 1 \| differs |

        - layout: hymba
        - assumed: eps is 1e-5
        - first divergence: `layers.0.@x`

        <details>
        <summary>All compared captures in numbers, in the order of computation</summary>

        | capture | result | NMSE | allowed | largest error | relative | allowed |
        | --- | --- | ---: | ---: | ---: | ---: | ---: |
        | `hidden_states.0` | ok | 0 | 1e-10 | 0 | 0 | 2e-05 |
        | `layers.0.@x` | error too large | 0.5 | 1e-10 | 1 | 0.3333 | 2e-05 |

        </details>

        Made by test 1.

        """#)
  }
}
