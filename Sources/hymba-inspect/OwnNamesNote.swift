import HymbaConversion
import HymbaFormat
import HymbaInspection
import HymbaTerminal

extension ListedCheckpoint {
  /// The notes about a checkpoint that is listed under its own names; empty for a model.
  var notes: [String] {
    account.map {
      OwnNamesNote(account: $0, tensorCount: model.parameters.tensors.count).sentences
    } ?? []
  }
}

/// What a user should know of a checkpoint that is listed under its own names: what it looks like, and what
/// would make more of it.
private struct OwnNamesNote {
  let account: OwnNamesAccount
  let tensorCount: Int

  /// The notes, one sentence each.
  var sentences: [String] {
    let remarks = account.remarks.map { "; \($0)" }.joined()
    return ["listed under its own names: " + reason + remarks] + (way.map { [$0] } ?? [])
  }

  private var reason: String {
    switch account.reason {
    case .shards(let shards): Self.text(of: shards) + likeness
    case .part(let number, let count, _): "this is part \(number) of \(count) of a model"
    case .error(ConversionError.unrecognised): nearest
    case .error(ConversionError.configurationNeeded(let layout)):
      "the names are those of the layout \(layout.printable), and its config.json is absent"
    case .error(let error): error.description + (error.advice.map { "; \($0)" } ?? "")
    }
  }

  private var way: String? {
    switch account.reason {
    case .shards(let shards):
      return "name the folder \(shards.folder.printable), or all \(shards.count) shards, to list the whole model"
    case .part(_, _, let folder):
      return "name the folder \(folder.printable) to list the whole model"
    case .error(ConversionError.unrecognised):
      return account.nearest.map { 2 * $0.fitting >= $0.tensorCount } ?? false
        ? "hymba-inspect audit tells what the model lacks\(account.hasConfiguration ? "" : ", once its config.json lies beside it or is passed with --config")"
        : "a layout document of your own, passed with --layout, would make a model of it"
    case .error(ConversionError.configurationNeeded):
      return "put the config.json beside it, or pass it with --config, to list the parameters of the model"
    case .error(ConversionError.otherKind), .error(ConversionError.otherNetwork),
      .error(ConversionError.otherArchitecture), .error(ConversionError.wrapped):
      return nil
    case .error: return "hymba-inspect audit tells all that does not fit"
    }
  }

  private static func text(of shards: PartialShards) -> String {
    let isOne = shards.numbers.count == 1
    return "\(isOne ? "this is shard" : "these are shards") \(NumberRanges(shards.numbers).words) of \(shards.count) of a model"
  }

  /// A clause for the layout of a shard.
  private var likeness: String {
    if let layout = account.layout { return " of the layout \(layout.printable)" }
    guard let nearest = account.nearest else { return "" }
    return "; \(nearest.fitting) of \(String.counted(nearest.tensorCount, "tensor")) fit the layout \(nearest.layout.printable)"
      + (account.hasConfiguration ? "" : ", and config.json is absent")
  }

  private var nearest: String {
    guard let nearest = account.nearest else {
      return tensorCount == 1
        ? "the name of its only tensor is in no known layout"
        : "none of the names of its \(tensorCount) tensors is in a known layout"
    }
    var text =
      "\(nearest.fitting) of its \(String.counted(nearest.tensorCount, "tensor")) fit the layout \(nearest.layout.printable), the nearest"
    if let absent = nearest.absent { text += ", which also has \(absent.printable)" }
    if let stranger = nearest.stranger { text += "; \(stranger.printable) does not fit" }
    return text + (account.hasConfiguration ? "" : "; config.json is absent")
  }
}
