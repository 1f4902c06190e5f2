import HymbaCheckpoints
import HymbaFormat

/// The contents of a folder in which no weights were found. They are described so that the user sees what to
/// name instead.
struct FolderContents {
  private let path: String
  private let entries: [String]

  /// - Parameter entries: The names of the entries of the folder, sorted.
  init(_ path: String, _ entries: [String]) {
    self.path = path
    self.entries = entries
  }

  /// The error for the folder, with what it holds.
  /// - Parameter names: The names of files that would be weights.
  func failure(expecting names: [String]) -> ConversionError {
    if let kind { return kind }
    let expected = "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")"
    return .emptyFolder("the folder holds none of \(expected); \(contents)")
  }

  /// Whether nothing in the folder may be weights, by the names of its entries.
  var isWithoutWeights: Bool { kind == nil && files.isEmpty && weightFolders.isEmpty }

  private func has(_ name: String) -> Bool { entries.contains(name) }
  private func holds(suffix: String) -> Bool { entries.contains { $0.hasSuffix(suffix) } }

  // MARK: Folders of other programs

  private var kind: ConversionError? {
    if let unfinishedParts { return unfinishedParts }
    if has("adapter_config.json") {
      return .otherKind(
        "a folder with an adapter, not a model: merge it into its base model first")
    }
    if has("data.pkl") {
      let name = FileSystem.name(of: path).printable
      return .unsupported(
        "this is an unpacked PyTorch archive: name the .pt that it came from, or pack it again, in the folder above it, with zip -0 -r \(name).pt \(name)"
      )
    }
    if has(".metadata"), holds(suffix: ".distcp") {
      return .unsupported(
        "this is a distributed checkpoint of PyTorch: make one file of it with python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER FILE.pt, and name that"
      )
    }
    if has("manifest.ocdbt") || has("_CHECKPOINT_METADATA") || has("_METADATA") {
      return .unsupported(
        "this is an Orbax checkpoint of JAX: restore it in Python and save its arrays with numpy.savez or as safetensors"
      )
    }
    if has("saved_model.pb") || entries.contains(where: { $0.contains(".data-00000-of-") }) {
      return .unsupported(
        "this is a checkpoint of TensorFlow: load it in Python and save its weights as .weights.h5 or as safetensors"
      )
    }
    if !entries.isEmpty, entries.allSatisfy({ $0.hasSuffix(".npy") }) {
      return .unsupported(
        "this is an unpacked .npz or a folder of single arrays: pack it, within the folder, with zip -0 ../arrays.npz *.npy, and name arrays.npz"
      )
    }
    return nil
  }

  /// The error for parts of one model without their index; nil where there are none, or those of several divisions.
  var unfinishedParts: ConversionError? {
    let parts = entries.compactMap { PartName($0) }
    guard let count = parts.first?.count, parts.allSatisfy({ $0.count == count }) else { return nil }
    return .unfinishedParts(parts.count, of: count)
  }

  // MARK: What can be named instead

  /// The ends of names of files that are opened by their content.
  private static let suffixes = [
    ".safetensors", ".hymba", ".nx", ".bin", ".pt", ".pth", ".ckpt", ".npz", ".npy", ".h5",
    ".hdf5", ".gguf", ".index.json", ".weights.json",
  ]

  /// The files without weights that a trainer writes beside the weights.
  private static let others: Set = [
    "training_args.bin", "optimizer.pt", "scheduler.pt", "optimizer.bin", "scheduler.bin",
    "rng_state.pth",
  ]

  /// The largest number of entries that are tried as folders with weights.
  private static let visitedFolders = 256

  /// The files whose names may be those of weights. The first part stands for a split GGUF file.
  var files: [String] {
    GGUFSource.withoutLaterParts(
      entries.filter { name in
        !Self.others.contains(name) && Self.suffixes.contains { name.hasSuffix($0) }
      })
  }

  private var contents: String {
    let files = files
    if let odd = files.first(where: { !FileSystem.hasEntry(FileSystem.path(path, $0)) }) {
      return "it holds \(odd.printable), whose name is not UTF-8: rename that file first"
    }
    if let only = files.first, files.count == 1 {
      return "it holds \(only.printable): name that file"
    }
    if !files.isEmpty { return "it holds \(Self.list(files)): name one of them" }
    let folders = weightFolders
    if let only = folders.first, folders.count == 1 {
      return "its folder \(only.printable) holds weights: name that"
    }
    if !folders.isEmpty { return "its folders \(Self.list(folders)) hold weights: name one of them" }
    if entries.isEmpty { return "it is empty" }
    if let configuration = Families.configurationFiles.first(where: has) {
      return
        "it holds \(configuration) and no weights: copy or download the weights into it, or name the file with the weights"
    }
    return
      "it holds \(Self.list(entries)), \(entries.count == 1 ? "which is no checkpoint by its name" : "none of which is a checkpoint by its name"); name a checkpoint file"
  }

  /// The folders in this one that can be opened as checkpoints.
  private var weightFolders: [String] {
    entries.prefix(Self.visitedFolders).filter { name in
      let folder = FileSystem.path(path, name)
      return FileSystem.isDirectory(folder)
        && (WeightsFolder.names + [PartName.index, "snapshots", "data.pkl"]).contains {
          FileSystem.hasEntry(FileSystem.path(folder, $0))
        }
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(4).map(\.printable)
    guard names.count <= shown.count else {
      return shown.joined(separator: ", ") + " and \(names.count - shown.count) more"
    }
    return shown.count == 1
      ? shown[0] : "\(shown.dropLast().joined(separator: ", ")) and \(shown.last ?? "")"
  }
}
