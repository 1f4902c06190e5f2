extension OptionTable {
  /// The options of Edifice's `Hymba.build`. Their defaults are those of `HymbaBuildOptions`, which builds the network.
  static let edifice = OptionTable(
    [.own("arch")] + (EdificeFamily.optionNames + EdificeFamily.embedKeys.dropFirst()).map { .whole($0) },
    withoutEffect: [
      // It acts in training only.
      "dropout",
      // Nothing in the network depends on them.
      "seq_len", "window_size",
    ])
}
