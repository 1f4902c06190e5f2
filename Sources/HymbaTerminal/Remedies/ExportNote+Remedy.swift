package import HymbaConversion

extension ExportNote {
  /// The note as a sentence, with a remedy by the options of the tools.
  package var sentence: String {
    switch self {
    case .noOptions, .noSpec: "\(self); pass --config to write one"
    case .sourceNames: "\(self); pass --plain-names to write the layout's own"
    case .loneFile: "\(self); name a folder with -o to get both"
    case .headsNotInFile(let heads):
      "its \(heads) heads are in no tensor, so reading it takes --config; a folder or an .nx keeps them"
    case .specNotKept: "\(self); pass it with --config when you read the output with a layout"
    case .lost(let loss): "lost in the cast, as --allow-loss has it: \(loss.loss)"
    case .referenceBesideCast(let text):
      "\(text); where it differs, hymba-verify forward takes --no-reference, or --tolerance and --nmse for wider bounds"
    case .fact(let text): text
    }
  }
}
