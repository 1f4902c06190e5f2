public import HymbaConversion
import HymbaFormat

extension ConversionError: Remedied {
  public func sentence(_ words: ToolWords) -> String {
    let (layout, output) = (words.layoutOption, words.outputOption)
    return switch self {
    case .containerHasLayout(let own, let asked):
      "this container was made with the layout \(own.printable); \(layout) \(asked.printable) cannot change that"
    case .shardsInOneFile(let name):
      "--shard-size divides a checkpoint into several safetensors files; name a folder with -o instead of “\(name.printable)”"
    case .standardOutput:
      "nothing is written to standard output; name a file with \(output) (./- for one that is called so)"
    case .emptyOutputName: "the name after \(output) is empty; name what to write"
    default: description + remedy(layout)
    }
  }

  /// The remedy, to be put behind the description; empty for none.
  private func remedy(_ layout: String) -> String {
    switch self {
    case .layoutUnknown(LayoutReference.verbatim.name, _):
      "; pass one that hymba-convert layouts lists, or a file"
    case .unrecognised:
      "; pass \(layout) verbatim to keep it under its own names, or \(layout) with a file of your own"
    case .otherNetwork: ": only --layout verbatim can keep it"
    case .otherArchitecture: " (any checkpoint can be kept with --layout verbatim)"
    case .wrapped: ", or keep it under its own names with --layout verbatim"
    case .unfinishedParts(_, let count):
      ": hymba-convert checkpoints SOURCE -o FOLDER --parts \(count) makes those that are not there, and the index"
    case .oneShard: ", or pass \(layout) verbatim to take this one under its own names"
    case .cannotRearrange: "; pass --layout verbatim to keep the checkpoint as it is"
    case .configurationNeeded: "; put the config.json beside it, or pass it with --config"
    case .keepsNothing: ", which --keep-f32 gives"
    case .cannotCast: "; convert without --dtype"
    case .castOverflows(_, _, type: .gguf), .castFlushes(_, _, _, type: .gguf):
      "; choose a wider --dtype, or pass --allow-loss with it"
    case .castOverflows, .castFlushes:
      "; choose a wider --dtype, keep such tensors with --keep-f32, or pass --allow-loss"
    case .containerKeepsLayout: "; leave out --layout"
    case .layoutDocumentNeeded: "; pass that with --layout, or the name of a built-in layout"
    case .hiddenByIndex:
      "; name the folder with -o and pass --force to replace them, or name another file"
    case .endingOfExport(_, let ending, _, let export):
      ", or write \(ending) with hymba-convert export SOURCE -o “\(export)”"
    case .unwrittenEnding: ", or write .safetensors or .nx with hymba-convert export"
    case .notAContainer:
      "; hymba-convert makes one of it, and hymba-verify forward checks it as it is"
    case .folderOfContainers(let names):
      names.isEmpty ? "; hymba-verify forward checks a checkpoint that is a folder" : ""
    case .layoutDocument: ", and pass the layout with --layout"
    case .configurationDocument:
      ", and pass the configuration with --config where it does not lie beside them (hymba-inspect config shows what it says)"
    default: ""
    }
  }
}
