extension ConfigurationKeys {
  /// The options of Edifice's `Hymba.build`.
  static let edifice = ConfigurationKeys(
    read: Set(EdificeConfiguration.optionNames + EdificeConfiguration.embedKeys + ["arch"]),
    withoutEffect: [
      // It acts in training only.
      "dropout",
      // Nothing in the network depends on them.
      "seq_len", "window_size",
    ])
}
