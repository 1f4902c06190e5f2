import Testing

@testable import HymbaConversion

@Suite("Names and sizes of layouts")
struct NamePatternTests {
  @Test(
    "a pattern matches the names that it expands to",
    arguments: [
      ("hymba_block_{layer+1}_norm.gamma", ["layer": 0], "hymba_block_1_norm.gamma"),
      ("layers.{layer}.norm.weight", ["layer": 12], "layers.12.norm.weight"),
      ("m.{layer}.experts.{expert}.w", ["layer": 3, "expert": 7], "m.3.experts.7.w"),
      ("b{layer+1}.b{layer+1}_k", ["layer": 1], "b2.b2_k"),
      ("plain", [:], "plain"),
    ] as [(String, [String: Int], String)])
  func roundTrip(_ text: String, _ values: [String: Int], _ name: String) throws {
    let pattern = try NamePattern(text)
    #expect(pattern.expanded(values) == name)
    #expect(pattern.match(name) == values)
  }

  @Test(
    "a name that only looks alike does not match",
    arguments: [
      ("b{layer+1}_n", "b0_n"), ("b{layer}_n", "b01_n"), ("b{layer}_n", "b_n"),
      ("b{layer}.b{layer}", "b1.b2"), ("b{layer}_n", "b1_nn"), ("b{layer}_n", "xb1_n"),
      ("b{layer}_n", "b99999999999999999999_n"), ("b{layer}_n", "b-1_n"), ("b{layer}_n", "b٣_n"),
    ])
  func mismatch(_ text: String, _ name: String) throws {
    #expect(try NamePattern(text).match(name) == nil)
  }

  @Test(
    "unknown placeholders are refused",
    arguments: ["{x}", "a{layer", "{layer-1}", "{layer+x}", "{}"])
  func refused(_ text: String) {
    #expect {
      try NamePattern(text)
    } throws: {
      "\($0)"
        == "not a valid layout: the name “\(text)” has a placeholder that is not {layer}, {expert}, {block}, {use}, {host} or {name}"
    }
  }

  @Test(
    "a size is a sum of products",
    arguments: [
      ("7", 7), ("state", 4), ("2*state", 8), ("rank+2*state", 11), ("state*state*2", 32),
    ])
  func sizes(_ text: String, _ value: Int) throws {
    #expect(try SizeExpression(text).value(["state": 4, "rank": 3]) == value)
  }

  @Test(
    "a size that is none, is unknown or overflows is refused",
    arguments: [
      ("2*", "the size “2*” is not a sum of products of sizes"),
      ("a-b", "the size “a-b” is not a sum of products of sizes"),
      ("other", "the architecture has no size “other” here"),
      ("big*big", "the size “big*big” is too large"),
    ])
  func refusedSizes(_ text: String, _ message: String) {
    #expect {
      try SizeExpression(text).value(["big": 1 << 62])
    } throws: {
      "\($0)" == "not a valid layout: " + message
    }
  }
}
