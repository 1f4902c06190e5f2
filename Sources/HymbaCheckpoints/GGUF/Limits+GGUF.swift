import HymbaFormat

extension Limits {
  /// Keys of a GGUF file. Files of llama.cpp have about thirty.
  static let ggufKeys = 1 << 16

  /// Bytes of a key. This is the limit of the format.
  static let ggufKeyBytes = 65_535

  /// Bytes of a text in a GGUF file. Chat templates, the longest ones, have some kilobytes.
  static let ggufTextBytes = 16 << 20

  /// Bytes of all keys with their values. The vocabularies of released models take up to 20 MB. This also bounds
  /// the memory, as no more is kept than the texts.
  static let ggufKeySectionBytes = 128 << 20

  /// Tensors of a GGUF file. Released models have some thousands. Each takes a few hundred bytes of memory.
  static let ggufTensors = 1 << 18

  /// Bytes of a tensor's name. This is the limit of the format.
  static let ggufNameBytes = 64

  /// Dimensions of a tensor. This is the limit of the format.
  static let ggufRank = 4

  /// The largest alignment of the data. The usual one is 32, and a page of memory has 4096 bytes.
  static let ggufAlignment = 1 << 20

  /// Bytes of the data. No sum of offsets below it overflows.
  static let ggufDataBytes = 1 << 56

  /// Values of an array that stands for a model property. A property has a value for each layer.
  static let ggufListedValues = 1 << 14

  /// Files of a split set. Each stays open.
  static let ggufParts = 512
}
