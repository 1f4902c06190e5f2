package import HymbaFormat

/// The member `model` of a tokenizer's file, as it is written there.
package struct ModelDocument {
  /// The members beside the vocabulary and the merges.
  package private(set) var options: [String: JSONValue] = [:]
  package private(set) var tokens: [(token: String, id: Int)] = []
  /// The pairs that become one token, those that are joined first at the beginning.
  package private(set) var merges: [(left: String, right: String)] = []
  /// A member that is not what a model of byte pairs has there, and what it should be.
  private var misfit: (path: String, expected: String)?

  /// Reads the member. The vocabulary goes straight into its list, because it has most of the file's bytes.
  /// - Throws: `FormatError` for a text that is no JSON.
  init(_ reader: inout JSONReader) throws(FormatError) {
    var document = Self.empty
    guard try reader.peek() == .object else {
      try reader.skipValue()
      misfit = ("model", "an object")
      return
    }
    try reader.readObject { reader, key throws(FormatError) in
      switch (key, try reader.peek()) {
      case ("vocab", .object): try document.readVocabulary(&reader)
      case ("merges", .array): try document.readMerges(&reader)
      case ("vocab", _), ("merges", _):
        try reader.skipValue()
        document.misfit = ("model.\(key)", key == "vocab" ? "an object of tokens and ids" : "a list of pairs")
      default: document.options[key] = try JSONValue(from: &reader)
      }
    }
    self = document
  }

  private init() {}
  private static let empty = ModelDocument()

  private mutating func readVocabulary(_ reader: inout JSONReader) throws(FormatError) {
    var tokens: [(token: String, id: Int)] = []
    try reader.readObject { reader, token throws(FormatError) in tokens.append((token, try reader.readInteger())) }
    self.tokens = tokens
  }

  private mutating func readMerges(_ reader: inout JSONReader) throws(FormatError) {
    var (merges, misfits): ([(left: String, right: String)], Int) = ([], 0)
    try reader.readArray { reader throws(FormatError) in
      switch try reader.peek() {
      case .string:
        let text = try reader.readString()
        // The first line of a file of merges, which some programs copied.
        if text.utf8.starts(with: "#version".utf8) { return }
        let parts = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        if parts.count == 2 {
          merges.append((String(Substring(parts[0])), String(Substring(parts[1]))))
        } else {
          misfits += 1
        }
      case .array:
        var parts: [String] = []
        try reader.readArray { reader throws(FormatError) in parts.append(try reader.readString()) }
        if parts.count == 2 { merges.append((parts[0], parts[1])) } else { misfits += 1 }
      default:
        try reader.skipValue()
        misfits += 1
      }
    }
    self.merges = merges
    if misfits > 0 { misfit = ("model.merges", "a list of pairs of tokens") }
  }
}

extension ModelDocument {
  private var part: FilePart { FilePart(path: "model", value: .object(options)) }

  /// The kind of the model, such as `BPE`, which files of the first versions do not say.
  /// - Throws: ``TokenizerError/invalid(_:expected:)`` for one that is no text.
  package var kind: String {
    get throws(TokenizerError) { try part["type"]?.string() ?? "BPE" }
  }

  /// Makes sure that the vocabulary and the merges are what a model of byte pairs has there.
  /// - Throws: ``TokenizerError/invalid(_:expected:)``.
  package func requireSound() throws(TokenizerError) {
    if let misfit { throw .invalid(misfit.path, expected: misfit.expected) }
  }

  /// - Throws: ``TokenizerError``.
  func model() throws(TokenizerError) -> BytePairModel {
    let kind = try kind
    guard kind == "BPE" else { throw .unknownKind(part: "model", kind) }
    try requireSound()
    try part.requireOnly(
      "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
      "ignore_merges")
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let text = part[name], try !text.string().isEmpty { throw .unsupported(text.path, "is not supported") }
    }
    if let dropout = part["dropout"], ![.integer(0), .number(0)].contains(dropout.value) {
      throw .unsupported(dropout.path, "is not zero, which gives other ids each time")
    }
    let vocabulary = try vocabulary()
    let isFused = try part["fuse_unk"]?.bool() ?? false
    let unknown = try part["unk_token"].map { part throws(TokenizerError) in
      BytePairModel.Unknown(token: try part.string(), isFused: isFused)
    }
    return BytePairModel(
      vocabulary, try mergeTable(vocabulary), unknown: unknown,
      byteFallback: try part["byte_fallback"]?.bool() ?? false,
      ignoresMerges: try part["ignore_merges"]?.bool() ?? false)
  }

  func vocabulary() throws(TokenizerError) -> Vocabulary {
    var vocabulary = Vocabulary(minimumCapacity: tokens.count)
    for (token, id) in tokens { try vocabulary.insert(token, id) }
    return vocabulary
  }

  private func mergeTable(_ vocabulary: Vocabulary) throws(TokenizerError) -> MergeTable {
    var table = MergeTable(minimumCapacity: merges.count)
    for (index, merge) in merges.enumerated() {
      guard let left = vocabulary.id(of: merge.left) else { throw .mergeWithoutToken(index + 1, merge.left) }
      guard let right = vocabulary.id(of: merge.right) else { throw .mergeWithoutToken(index + 1, merge.right) }
      let joined = merge.left + merge.right
      guard let result = vocabulary.id(of: joined) else { throw .mergeWithoutToken(index + 1, joined) }
      // Of a pair that comes twice, the later rank counts, as in the package.
      table.insert(left, right, making: result, rank: index)
    }
    return table
  }
}
