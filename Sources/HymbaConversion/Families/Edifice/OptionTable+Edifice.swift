extension OptionTable {
  /// The options of Edifice's `Hymba.build`. `HymbaBuildOptions`, which builds the network, has their
  /// defaults.
  static let edifice = OptionTable(
    [.own("arch")] + (EdificeFamily.optionNames + EdificeFamily.embedKeys.dropFirst()).map { .whole($0) },
    withoutEffect: [
      // Dropout acts in training only.
      "dropout",
      // Nothing in the network depends on them.
      "seq_len", "window_size",
    ])
}
