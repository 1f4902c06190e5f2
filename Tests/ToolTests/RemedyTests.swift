import HymbaConversion
import HymbaFormat
import HymbaModel
import HymbaTerminal
import Testing

@Suite("Remedies")
struct RemedyTests {
  @Test(
    "an error has what to do behind what was found, by the options and commands of the tools",
    arguments: [
      (FormatError.outputExists, "exists already; pass --force to replace it"),
      (
        FormatError.tooManyShards(513, limit: 512),
        "makes 513 shards, and at most 512 are written; pass a larger --shard-size"
      ),
      (FormatError.notAContainer, "not a .hymba container"),
      (
        ModelError.noRoomForProducts(byteCount: 8),
        "this process cannot have the 8 bytes of address space that matrix products take; raise its limit (ulimit -v) or use fewer --jobs"
      ),
      (
        ConversionError.layoutUnknown("verbatim", available: []),
        "verbatim is no layout with rules, which are needed here; pass one that hymba-convert layouts lists, or a file"
      ),
      (
        ConversionError.unrecognised(tensorCount: 2, nearest: nil),
        "none of its 2 tensors belongs to a known layout; pass --layout verbatim to keep it under its own names, or --layout with a file of your own"
      ),
      (
        ConversionError.otherNetwork("x"),
        "this is x: only --layout verbatim can keep it"
      ),
      (
        ConversionError.otherArchitecture("“zamba”"),
        "this is Edifice's “zamba”, which is another network than Hymba; only Edifice's Hymba can be converted (any checkpoint can be kept with --layout verbatim)"
      ),
      (
        ConversionError.wrapped(part: "module"),
        "this is a checkpoint of a model of which parts were wrapped (“module.” within its names), and without those it has no known layout: save the state_dict() of the model without wrappers, or keep it under its own names with --layout verbatim"
      ),
      (
        ConversionError.oneShard(2, of: 4, folder: "f"),
        "this is shard 2 of 4 of a model: name the folder that holds them, f, or all shards, or pass --layout verbatim to take this one under its own names"
      ),
      (
        ConversionError.cannotRearrange("t", .float4),
        "the elements of “t” cannot be rearranged: as F4 they share bytes; pass --layout verbatim to keep the checkpoint as it is"
      ),
      (
        ConversionError.configurationNeeded(layout: "hf-jamba"),
        "the layout hf-jamba needs a configuration; put the config.json beside it, or pass it with --config"
      ),
      (
        ConversionError.keepsNothing("ids"),
        "no floating-point tensor has a name like “ids”, which --keep-f32 gives"
      ),
      (
        ConversionError.castFlushes(2, of: 100, inTensor: "w", type: .cast(.float16)),
        "2 of the 100 nonzero values of “w” become zero in F16, and at most 1 % of a tensor's may; choose a wider --dtype, keep such tensors with --keep-f32, or pass --allow-loss"
      ),
      (
        ConversionError.containerHasLayout("plum", asked: "edifice"),
        "this container was made with the layout plum; --layout edifice cannot change that"
      ),
      (
        ConversionError.shardsInOneFile("x.nx"),
        "--shard-size divides a checkpoint into several safetensors files; name a folder with -o instead of “x.nx”"
      ),
      (
        ConversionError.hiddenByIndex("i.json"),
        "the i.json beside it names other files, which would be loaded in its place; name the folder with -o and pass --force to replace them, or name another file"
      ),
      (
        ConversionError.endingOfExport(
          name: "a.nx", ending: ".nx", container: "a.hymba", export: "a.nx"),
        "“a.nx” is the name of a .nx file, and this writes a container; name it “a.hymba”, or write .nx with hymba-convert export SOURCE -o “a.nx”"
      ),
      (
        ConversionError.unwrittenEnding(".pt"),
        ".pt files are not written; name a .hymba file, or write .safetensors or .nx with hymba-convert export"
      ),
      (
        ConversionError.layoutDocument,
        "this is a layout and not a checkpoint; name a checkpoint, and pass the layout with --layout"
      ),
      (
        ConversionError.configurationDocument,
        "this is a configuration and not a checkpoint; name the weights, or the folder that holds both, and pass the configuration with --config where it does not lie beside them (hymba-inspect config shows what it says)"
      ),
      (
        ConversionError.standardOutput,
        "nothing is written to standard output; name a file with -o (./- for one that is called so)"
      ),
    ] as [(any Diagnosis, String)])
  func sentences(_ error: any Diagnosis, _ sentence: String) {
    #expect(ToolRun.sentence(error) == sentence)
    // The library says what was found in words of its own.
    #expect(!"\(error)".contains("--") && !"\(error)".contains("hymba-"))
  }

  @Test("the file is in front, what was noted behind, and advice before a command that says more")
  func around() {
    #expect(
      ToolRun.sentence(FileDiagnosis("a", FormatError.outputExists))
        == "a: exists already; pass --force to replace it")
    #expect(
      ToolRun.sentence(FileDiagnosis("a", FormatError.sectionDamaged(tensor: "t", "x")))
        == "a: the tensor “t” is damaged: x; copy, download or convert the checkpoint again; hymba-verify container lists all that is damaged"
    )
    #expect {
      try noting(["n"]) { throw FileDiagnosis("a", FormatError.outputExists) }
    } throws: {
      ToolRun.sentence($0) == "a: exists already; pass --force to replace it; note that n"
    }
  }

  @Test("a command with other options is told of by these")
  func words() {
    let words = ToolWords(layoutOption: "--source-layout", outputOption: "--save-outputs")
    #expect {
      try words.speaking { throw ConversionError.unrecognised(tensorCount: 1, nearest: nil) }
    } throws: {
      "\($0)"
        == "its only tensor does not belong to a known layout; pass --source-layout verbatim to keep it under its own names, or --source-layout with a file of your own"
        && ($0 as? any Diagnosis)?.kind == .wrong
    }
    #expect(
      ToolRun.sentence(ConversionError.emptyOutputName, words)
        == "the name after --save-outputs is empty; name what to write")
  }

  @Test("an assumption that a configuration would settle says how, once")
  func assumptions() {
    let fact =
      "num_heads is assumed to be 4: no configuration says it and no tensor's shape depends on it"
    let told = fact + "; pass --config if it is not"
    #expect(OpenedModel.sentence(assumption: fact) == told)
    // As older containers have it.
    #expect(OpenedModel.sentence(assumption: told) == told)
    #expect(OpenedModel.sentence(assumption: "cast to F16") == "cast to F16")
  }

  @Test("each kind of failure has an exit code of its own, as README lists them")
  func exitCodes() {
    #expect(
      FailureKind.allCases.map(\.exitCode) == [1, 64, 65, 66, 73, 74, 130])
  }
}
