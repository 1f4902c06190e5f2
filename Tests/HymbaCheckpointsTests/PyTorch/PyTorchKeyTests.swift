import HymbaCheckpoints
import HymbaFormat
import TestSupport
import Testing

/// Files that PyTorch wrote, with keys and parts of which nothing can be made without losing or mistaking something.
@Suite struct PyTorchKeyTests {
  static let refusals: [(name: String, message: String)] = [
    ("bytes-keys", "the dictionary “state_dict” has a key that is bytes, a set or other plain data, \(wayOut)"),
    (
      "bytes-keys-protocol4",
      "the dictionary at the root has a key that is bytes, a large number or a text that is not UTF-8, \(wayOut)"
    ),
    (
      "surrogate-keys",
      "the dictionary at the root has a key that is bytes, a large number or a text that is not UTF-8, \(wayOut)"
    ),
    ("class-keys", "the dictionary at the root has a key that is a class or function, \(wayOut)"),
    (
      "object-keys",
      "the dictionary at the root has a key that is an object of “pathlib.PurePosixPath”, \(wayOut)"
    ),
    ("same-name", "two tensors would be named “1”, \(twice)"),
    ("same-dotted-name", "two tensors would be named “a.b”, \(twice)"),
    (
      "empty-model",
      "there are no weights (“model” holds no tensors), only the state of training in “optimizer”; \(other)"
    ),
    (
      "empty-model-plain",
      "there are no weights (“model” holds no tensors), only the state of training in “optimizer”, “best”; \(other)"
    ),
    ("optimizer-plain", "there are no weights, only the state of training in “optimizer”; \(other)"),
    (
      "protocol0",
      "at byte 1 the pickle is of protocol 0, of which torch.load reads no tensors either; save the checkpoint again without pickle_protocol=0"
    ),
  ]

  private static let wayOut =
    "which cannot be a part of a tensor's name; give it a text as key in Python, and save it again"
  private static let twice =
    "as where the keys 1 and '1' lie in one dictionary, or a.b beside a dictionary a with b; rename one in Python, and save it again"
  private static let other = "name a checkpoint that holds the model's weights"

  @Test("keys that are no name, or become one name, and checkpoints without weights are refused", arguments: refusals)
  func refused(_ name: String, _ message: String) {
    let path = Fixture.path("torch", name + ".pt")
    #expect(refusal { _ = try ZippedCheckpoint.open(path) } == message)
  }

  @Test("pickles of protocol 0 in the form before 1.6, and pickles of arrays, are refused with what to do")
  func pickles() {
    #expect(
      refusal { _ = try LegacyPickle.open(Fixture.path("torch", "legacy-protocol0.pt")) }
        == "at byte 36 the pickle is of protocol 0, of which torch.load reads no tensors either; save the checkpoint again without pickle_protocol=0"
    )
    #expect(
      refusal { _ = try LegacyPickle.open(Fixture.path("torch", "arrays.pkl")) }
        == "this is a pickle that torch.save did not write; it would run “numpy._core.multiarray._reconstruct”, “numpy.dtype”, which is not done here; where you trust it, save what is in it again: numpy.savez(NEW, **pickle.load(open(FILE, 'rb')))"
    )
  }
}
