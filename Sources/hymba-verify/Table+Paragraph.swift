import HymbaTerminal

extension Table {
  /// The table below an empty line. Its indent takes from its width.
  func paragraph(width: Int?) -> [String] {
    let indent = "  "
    return [""] + lines(width: width.map { $0 - indent.count }).map { indent + $0 }
  }
}
