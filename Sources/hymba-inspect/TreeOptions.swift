import ArgumentParser
import HymbaInspection

/// The options of a listing as a tree.
struct TreeOptions: ParsableArguments {
  @Flag(help: "Show the names as a tree with totals; equal layers are one line.")
  var tree = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Levels of the tree; all by default.", valueName: "n"))
  var depth: Int?

  @Flag(help: "List each layer of the tree, also equal ones.")
  var noFold = false

  func validate() throws {
    guard tree || depth == nil && !noFold else {
      throw ValidationError(
        "\(depth == nil ? "--no-fold" : "--depth") is of the tree; add --tree.")
    }
    if let depth, depth < 1 { throw ValidationError("--depth is \(depth); expected 1 or more.") }
  }
}
