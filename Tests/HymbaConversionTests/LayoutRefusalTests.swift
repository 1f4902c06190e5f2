import HymbaFormat
import HymbaModel
import TestSupport
import Testing

@testable import HymbaConversion

@Suite("Wrong layouts")
struct LayoutRefusalTests {
  private static func document(
    _ rules: String, _ more: String = "", configuration: String = "edifice"
  ) -> [UInt8] {
    Array(
      #"{"name":"x","title":"t","configuration":"\#(configuration)","signature":["a"],\#(more)"rules":[\#(rules)]}"#
        .utf8)
  }

  private func expectRefusal(_ document: [UInt8], _ message: String) {
    #expect { try Layout(json: document) } throws: {
      "\($0)" == "not a valid layout: " + message
    }
  }

  @Test(
    "a step that cannot be taken back, or makes another number of tensors, is refused",
    arguments: [
      (
        #""steps":[{"permute":[0,0]}]"#,
        "its permute [0, 0] cannot be reversed, as it does not name each axis from 0 on once"
      ),
      (
        #""steps":[{"permute":[1,2]}]"#,
        "its permute [1, 2] cannot be reversed, as it does not name each axis from 0 on once"
      ),
      (
        #""steps":[{"split":{"axis":0,"sizes":[1,2]}}]"#,
        "its steps make 2 tensors, but it has one target"
      ),
      (#""steps":[{"unstack":3}]"#, "its steps make 3 tensors, but it has one target"),
      (
        #""steps":[{"join":{"axis":0,"sizes":[1,2]}}]"#,
        "its join has 2 sizes for 1 tensors"
      ),
      (
        #""steps":[{"split":{"axis":0,"sizes":[1,2]}},{"split":{"axis":0,"sizes":[1,2]}}]"#,
        "its split has 2 tensors before it, but takes one"
      ),
      (
        #""steps":[{"split":{"axis":0,"sizes":[1,2]}},{"unstack":2}]"#,
        "its unstack has 2 tensors before it, but takes one"
      ),
      (
        #""steps":[{"join":{"axis":-1,"sizes":[1]}}]"#,
        "its join needs an axis, counted from 0, and 1 to 1024 sizes"
      ),
      (
        #""steps":[{"split":{"axis":0,"sizes":[]}}]"#,
        "its split needs an axis, counted from 0, and 1 to 1024 sizes"
      ),
      (
        #""steps":[{"unstack":"expert"}]"#,
        "it has the size “expert”, which no architecture has"
      ),
      (
        #""steps":[{"reshape":{"from":["rank"],"to":["rank"]}}]"#,
        "it has the size “rank”, which only a layer has, but no {layer}"
      ),
    ])
  func steps(_ steps: String, _ why: String) {
    expectRefusal(
      Self.document(#"{"from":["a"],"to":["c"],\#(steps)}"#), "rule 0 (“a”): " + why)
  }

  @Test(
    "a name, a capture or a condition that would mean nothing is refused",
    arguments: [
      (#"{"from":["a"],"to":[""]}"#, "a name is empty"),
      (#"{"from":["a"],"to":["c","c"]}"#, "it names a tensor twice"),
      (
        #"{"from":["a"],"to":["{name}"]}"#,
        "it has {name}, which is for one tensor under another name, without steps or a when"
      ),
      (
        #"{"from":["a"],"to":["{name}.b"]}"#,
        "the name “{name}.b” has a {name} that is not its end"
      ),
      (
        #"{"from":["a"],"to":["c"],"when":{"has":["b.{layer}"]}}"#,
        "its when names “b.{layer}”, with a placeholder that its sources do not give"
      ),
      (
        #"{"from":["a"],"to":["c"],"when":{"sized":["xperts"]}}"#,
        "it has the size “xperts”, which no architecture has"
      ),
      (
        #"{"from":["a"],"to":["c"],"when":{"unsized":["experts"]}}"#,
        "it has the size “experts”, which only a layer has, but no {layer}"
      ),
      (
        #"{"from":["a","b"],"to":["c"],"steps":[{"join":{"axis":0,"sizes":[1,1]}}],"optional":["b"]}"#,
        "it has optional names, which are for copies: plain names, and the step same"
      ),
      (
        #"{"from":["a"],"carry":true,"when":{"has":["c"]}}"#, "it carries and maps at once"
      ),
      (
        #"{"from":["a","b"],"to":["c"],"steps":[{"join":{"axis":0,"sizes":[1,1]}},{"same":true}]}"#,
        "its same has 1 tensors before it, but compares the 2 sources of the rule"
      ),
    ])
  func names(_ rule: String, _ why: String) {
    expectRefusal(Self.document(rule), "rule 0 (“a”): " + why)
  }

  @Test(
    "captures of layers and experts must be given, and be of a layer",
    arguments: [
      (
        #"{"from":["a.{layer}"],"to":["c.{layer}"],"when":{"lacks":["b.{expert}"]}}"#,
        "rule 0 (“a.{layer}”): its when names “b.{expert}”, with a placeholder that is not {layer}"
      ),
      (
        #"{"from":["a.{expert}"],"to":["c.{expert}"]}"#,
        "rule 0 (“a.{expert}”): it has {expert} without {layer}, but each layer has experts of its own"
      ),
      (
        #"{"from":["a.{layer}","b.{layer}"],"to":["c.{layer}"],"steps":[{"same":true}],"optional":["b.{layer}"]}"#,
        "rule 0 (“a.{layer}”): it has optional names, which are for copies: plain names, and the step same"
      ),
    ])
  func captures(_ rule: String, _ message: String) {
    expectRefusal(Self.document(rule), message)
  }

  @Test(
    "placeholders for what layers share are refused on the side, or without the other, on which they mean nothing",
    arguments: [
      (
        #"{"from":["a.{host}"],"to":["c.{host}"],"steps":[{"same":true}]}"#,
        "rule 0 (“a.{host}”): it has {host} on its targets, which is for sources"
      ),
      (
        #"{"from":["a.{use}"],"to":["c.{use}.{layer}"]}"#,
        "rule 0 (“a.{use}”): it has {use} on its targets, which is for sources"
      ),
      (
        #"{"from":["a.{block}"],"to":["c.{block}"]}"#,
        "rule 0 (“a.{block}”): it has {block} on its sources, which is for targets"
      ),
      (
        #"{"from":["a.{host}"],"to":["c.{block}.{layer}"],"steps":[{"same":true}]}"#,
        "rule 0 (“a.{host}”): it has {block} and {layer} on its targets, but a parameter is of one of them"
      ),
      (
        #"{"from":["a"],"to":["c.{block}"]}"#,
        "rule 0 (“a”): it has {block} on its targets, which takes {host} alone on its source"
      ),
      (
        #"{"from":["a.{host}.{use}"],"to":["c.{block}"],"steps":[{"same":true}]}"#,
        "rule 0 (“a.{host}.{use}”): it has {block} on its targets, which takes {host} alone on its source"
      ),
      (
        #"{"from":["a.{host}"],"to":["c"],"steps":[{"same":true}]}"#,
        "rule 0 (“a.{host}”): it has {host} on its sources, which takes {block} or {layer} on its targets"
      ),
      (
        #"{"from":["a.{use}"],"to":["c"]}"#,
        "rule 0 (“a.{use}”): it has {use} on its sources, which takes {layer} on its targets"
      ),
      (
        #"{"from":["a.{host}"],"to":["c.{layer}"],"steps":[{"same":true}]}"#,
        "rule 0 (“a.{host}”): it has {layer} on its targets, which no source gives"
      ),
      (
        #"{"from":["a.{host}"],"to":["c.{block}"]}"#,
        "rule 0 (“a.{host}”): it has {host}, which is for copies: one name, and first the step same"
      ),
      (
        #"{"from":["a.{host}"],"to":["c.{block}"],"steps":[{"permute":[1,0]},{"same":true}]}"#,
        "rule 0 (“a.{host}”): it has {host}, which is for copies: one name, and first the step same"
      ),
      (
        #"{"from":["a.{host}","b.{host}"],"to":["c.{block}"],"steps":[{"same":true}]}"#,
        "rule 0 (“a.{host}”): it has {host}, which is for copies: one name, and first the step same"
      ),
      (
        #"{"from":["a.{host}"],"to":["c.{block}"],"steps":[{"same":true},{"same":true}]}"#,
        "rule 0 (“a.{host}”): it has {host}, which is for copies: one name, and first the step same"
      ),
      (
        #"{"from":["a.{host}"],"to":["c.{block}","d.{block}"],"steps":[{"same":true}]}"#,
        "rule 0 (“a.{host}”): its steps make 1 tensors, but it has 2 targets"
      ),
      (
        #"{"from":["a.{host}"],"to":["c.{block}"],"steps":[{"same":true}],"when":{"has":["d.{host}"]}}"#,
        "rule 0 (“a.{host}”): its when names “d.{host}”, with a placeholder that is not {block}"
      ),
    ])
  func sharing(_ rule: String, _ message: String) {
    expectRefusal(Self.document(rule), message)
  }

  @Test("two rules that fill one parameter in every model are refused, conditions tell them apart")
  func twice() throws {
    let rule = #"{"from":["a"],"to":["c"]}"#
    expectRefusal(
      Self.document(#"\#(rule),{"from":["b"],"to":["c"]}"#),
      "rule 0 (“a”) and rule 1 (“b”) both fill “c”; give each a when")
    expectRefusal(
      Self.document(#"\#(rule),{"from":["b"],"to":["c"],"when":{"has":["d"]}}"#),
      "rule 0 (“a”) and rule 1 (“b”) both fill “c”; give each a when")
    _ = try Layout(
      json: Self.document(
        #"{"from":["a"],"to":["c"],"when":{"lacks":["d"]}},{"from":["b"],"to":["c"],"when":{"has":["d"]}}"#
      ))
  }

  @Test(
    "infer and assume are options of the configuration edifice, each in full",
    arguments: [
      (
        #""infer":{"hiden_size":[]},"#, "edifice",
        "it infers or assumes “hiden_size”; the options are embed_dim, hidden_size, state_size, num_layers, num_heads, num_meta_tokens"
      ),
      (
        #""assume":{"num_heads":4},"#, "jamba",
        "it has infer or assume, which only the configuration edifice can use, but its configuration is jamba"
      ),
      (#""assume":{"num_heads":0},"#, "edifice", "it assumes that num_heads is 0"),
    ]
      + [
        #"{"count":"b"}"#, #"{"count":"b.{layer}.{expert}"}"#, #"{"tensor":"b"}"#,
        #"{"tensor":"b","axis":-1}"#, #"{"tensor":"b","axis":0,"divide":0}"#,
        #"{"tensor":"b.{layer}","axis":0}"#, #"{"count":"b.{layer}","axis":0}"#, "{}",
      ].map {
        (
          #""infer":{"num_layers":[\#($0)]},"#, "edifice",
          "it infers num_layers from something else than a tensor with an axis (and divide), or a count of a name with {layer}"
        )
      })
  func options(_ member: String, _ configuration: String, _ message: String) {
    expectRefusal(Self.document("", member, configuration: configuration), message)
  }

  @Test("null, an empty name or prefix, same that is false and too many rules are refused")
  func document() throws {
    expectRefusal(
      Self.document(#"{"from":["a"],"to":["c"],"steps":null}"#),
      "there is null at rules.0.steps, where a value is expected or nothing")
    expectRefusal(Self.document("", #""optionalPrefix":"","#), "its optionalPrefix is empty")
    expectRefusal(
      Self.document(#"{"from":["a"],"to":["c"],"steps":[{"same":false}]}"#),
      "same is always true at rules.0.steps.0.same")
    expectRefusal(
      Self.document(#"{"from":["a"],"to":["c"],"steps":[{"unstack":"2-1"}]}"#),
      "the size “2-1” is not a sum of products of sizes at rules.0.steps.0.unstack")
    let rules = (0...1024).map { #"{"from":["a\#($0)"],"to":["c\#($0)"]}"# }
    expectRefusal(
      Self.document(rules.joined(separator: ",")), "it has 1025 rules; at most 1024 are read")
    let text = #"{"name":"","title":"t","configuration":"jamba","signature":["a"],"rules":[]}"#
    expectRefusal(Array(text.utf8), "its name is empty")
    let anyName =
      #"{"name":"x","title":"t","configuration":"jamba","signature":["a","{name}"],"rules":[]}"#
    expectRefusal(Array(anyName.utf8), "its signature has a placeholder that is not {layer}")
    expectRefusal(Self.document("", #""unlike":["b",[]],"#), "its unlike has an empty list")
  }

  @Test("another layout under the name of a built-in one is refused, a copy of it is not")
  func taken() throws {
    let folder = try TemporaryFolder()
    let copy = try folder.write(LayoutCatalog.layout("hf-jamba").json, to: "copy.json")
    #expect(try LayoutCatalog.layout(copy).name == "hf-jamba")
    for name in ["hf-jamba", "verbatim"] {
      let path = try folder.write(
        #"{"name":"\#(name)","title":"t","configuration":"jamba","signature":["a"],"rules":[]}"#,
        to: "other.json")
      #expect {
        try LayoutCatalog.layout(path)
      } throws: {
        "\($0)"
          == "\(path): not a valid layout: its name, “\(name)”, is that of a built-in layout; give it another"
      }
    }
  }

  @Test("sizes are those that some architecture has")
  func sizeNames() throws {
    var names: Set<String> = []
    for architecture in try LayoutModel.all().map(\.architecture) {
      names.formUnion(architecture.sizes(layer: nil).keys)
      #expect(Architecture.modelSizeNames.isSuperset(of: names))
    }
    #expect(names == Architecture.modelSizeNames)
    for architecture in try LayoutModel.all().map(\.architecture) {
      for layer in architecture.layers.indices {
        names.formUnion(architecture.sizes(layer: layer).keys)
      }
    }
    #expect(names == Architecture.modelSizeNames.union(Architecture.layerSizeNames))
  }

  /// Sizes whose sum, or whose number of tensors, no memory holds.
  @Test(
    "sizes beyond every model are refused and not computed with",
    arguments: [
      (
        #"{"split":{"axis":0,"sizes":[9223372036854775807,9223372036854775807]}}"#,
        "the size “9223372036854775807” is too large"
      ),
      (
        #"{"unstack":"hidden*hidden*hidden*hidden*hidden*hidden"}"#,
        "it unstacks 1073741824 tensors; at most 196608 are possible"
      ),
    ])
  func hostileSizes(_ step: String, _ why: String) throws {
    let folder = try TemporaryFolder()
    let layout = try folder.write(
      #"{"name":"x","title":"t","configuration":"jamba","signature":["e"],"rules":[{"from":["e"],"to":["embed_tokens.weight","lm_head.weight"],"steps":[\#(step)]}]}"#,
      to: "x.json")
    let path = folder.file("m.safetensors")
    try SafetensorsWriter.write(
      MemorySource([.init("e", .uint8, [1 << 30, 0], [])]), to: path, replace: false)
    #expect {
      try OpenedModel.open(
        ModelInput(paths: [path]),
        OpeningOptions(configuration: Fixture.path("jamba-tiny", "config.json"), layout: layout))
    } throws: {
      "\($0)" == "\(layout): not a valid layout: rule 0 (“e”): \(why)"
    }
  }
}
