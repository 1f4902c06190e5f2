import HymbaFormat
import TestSupport
import Testing

@testable import HymbaConversion

/// Texts where a checkpoint was expected, whatever the file is called.
@Suite("Opening texts")
struct TextOpeningTests {
  @Test(
    "a text is named as what it is, with what it says",
    arguments: [
      ("<!doctype html>\n<html><body>404</body></html>", "a web page and not a checkpoint; the download went wrong"),
      (
        "<!DOCTYPE HTML>\n<html><head><Title>404 Not Found</Title>",
        "a web page (“404 Not Found”) and not a checkpoint; the download went wrong"
      ),
      ("\u{FEFF}\n  <HTML>", "a web page and not a checkpoint; the download went wrong"),
      (
        "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
        "a text in XML (“AccessDenied”) and not a checkpoint; the download went wrong"
      ),
      (
        "Entry not found",
        "a text (“Entry not found”) and not a checkpoint; if it was downloaded, the download went wrong"
      ),
      (
        "a\tb\nsecond line",
        "a text (“a\\u{9}b”) and not a checkpoint; if it was downloaded, the download went wrong"
      ),
      (
        String(repeating: "é", count: 300),
        "a text (“\(String(repeating: "é", count: 60))…”) and not a checkpoint; if it was downloaded, the download went wrong"
      ),
      (
        #"{"error":"Repository not found"}"#,
        "an answer in JSON (“Repository not found”) and not a checkpoint; the download went wrong"
      ),
      (
        #"{"error":{"message":"Access is restricted","type":"x"}}"#,
        "an answer in JSON (“Access is restricted”) and not a checkpoint; the download went wrong"
      ),
      // The ninth byte is where the header of a safetensors file begins.
      (
        #"{"data":{"a":1}}"#,
        "a text in JSON and not a checkpoint; name the file or the folder with the weights"
      ),
      (
        #"{"model_type":"jamba","time_step_limit":[0.0,Infinity]}"#,
        "a configuration and not a checkpoint; name the weights, or the folder that holds both"
      ),
      (
        #"{"peft_type":"LORA"}"#,
        "the configuration of an adapter; merge the adapter into its base model, and name that"
      ),
      (
        #"{"signature":["a"],"rules":[]}"#,
        "a layout and not a checkpoint; name a checkpoint"
      ),
      (
        #"{"weight_map":{"a":"b"}}"#,
        "the index of a checkpoint in shards; give it a name that ends in .index.json, beside its shards"
      ),
      (
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
        "a Git LFS pointer and not the file that it stands for; fetch that with git lfs pull"
      ),
    ], ["m.safetensors", "m.nx", "m.bin", "m.h5"])
  func texts(_ content: (text: String, kind: String), _ name: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(content.text, to: name)
    let error = #expect(throws: FileDiagnosis.self) { try SourceOpener.open(path) }
    #expect(error.map { "\($0)" } == "\(path): this is \(content.kind)")
    #expect(error?.kind == .unreadable)
  }

  @Test("a text in UTF-16 and a file of zero bytes are named")
  func otherBytes() throws {
    let folder = try TemporaryFolder()
    for (bytes, message) in [
      (
        [0xFF, 0xFE, 0x68, 0],
        "this is a text in UTF-16 and not a checkpoint; if it was downloaded, the download went wrong"
      ),
      (
        [UInt8](repeating: 0, count: 600),
        "not a checkpoint: it begins with nothing but zero bytes, as a file does whose download or copy was broken off; make, copy or download it again"
      ),
      ([], "not a checkpoint: the file is empty; make, copy or download it again"),
    ] as [([UInt8], String)] {
      let path = try folder.write(bytes, to: "m.safetensors")
      let error = #expect(throws: FileDiagnosis.self) { try SourceOpener.open(path) }
      #expect(error.map { "\($0)" } == "\(path): \(message)")
    }
  }

  @Test("a config.json of each family is named as a configuration")
  func configurations() throws {
    for set in ["hymba-1.5b", "jamba-v0.1", "zamba-7b-v1", "hymba-nvidia-tiny"] {
      let path = Fixture.path(set, "config.json")
      let error = #expect(throws: FileDiagnosis.self) { try SourceOpener.open(path) }
      #expect(
        error.map { "\($0)" }?.hasPrefix("\(path): this is a configuration and not a checkpoint; ")
          == true)
    }
  }
}

/// Paths at which there is nothing.
@Suite("Missing paths")
struct MissingPathTests {
  @Test(
    "what lies elsewhere is not downloaded, and the message says how to get it",
    arguments: [
      (
        "nvidia/Hymba-1.5B-Base",
        "if this is a repository of Hugging Face: nothing is downloaded here: run hf download nvidia/Hymba-1.5B-Base --local-dir Hymba-1.5B-Base, and name the folder Hymba-1.5B-Base"
      ),
      (
        "https://huggingface.co/ai21labs/Jamba-v0.1/tree/main",
        "nothing is downloaded here: run hf download ai21labs/Jamba-v0.1 --local-dir Jamba-v0.1, and name the folder Jamba-v0.1"
      ),
      (
        "hf://Zyphra/Zamba-7B-v1",
        "nothing is downloaded here: run hf download Zyphra/Zamba-7B-v1 --local-dir Zamba-7B-v1, and name the folder Zamba-7B-v1"
      ),
      (
        "Zyphra/Zamba-7B-v1//",
        "if this is a repository of Hugging Face: nothing is downloaded here: run hf download Zyphra/Zamba-7B-v1 --local-dir Zamba-7B-v1, and name the folder Zamba-7B-v1"
      ),
      (
        "x/m\u{FFFD}.safetensors",
        "the path is not UTF-8, and only such names can be opened: rename the file or the folder"
      ),
      (
        "https://example.org/m.safetensors",
        "nothing is downloaded here: download it first, as with curl -LO, and name the file"
      ),
      ("~/m.nx", "the shell replaces “~” only outside of quotes: write $HOME or the whole path"),
      ("x/*.safetensors", "no file fits this pattern"),
      ("nowhere/m.safetensors", "there is no folder “nowhere”"),
    ])
  func advice(_ path: String, _ advice: String) {
    let error = #expect(throws: FileDiagnosis.self) { try SourceOpener.open(path) }
    #expect(error.map { "\($0)" } == "\(path): no such file or folder; \(advice)")
    #expect(error?.kind == .noInput)
  }

  @Test("a misspelt name gets the one that is near, and a file with a slash is a file")
  func near() throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "gesture.hymba")
    func message(_ name: String) -> String { MissingPath(folder.file(name)).description }
    #expect(message("gestrue.hymba") == "no such file or folder; did you mean “gesture.hymba”?")
    #expect(message("other.nx") == "no such file or folder")
    // That both are containers says nothing.
    #expect(message("absent.hymba") == "no such file or folder")
    #expect(
      message("gesture.hymba/")
        == "no such file or folder; “gesture.hymba” is a file and no folder: leave out the slash")
    #expect(MissingPath("").description == "the path is empty, as an unset variable leaves it")
  }
}
