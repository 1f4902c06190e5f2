import HymbaFormat

extension LlamaCppVocabulary {
  /// The merges that are listed.
  func listedMerges(_ table: Vocabulary) throws(TokenizerError) -> MergeTable {
    guard let merges else { throw .insideGGUF("it has no tokenizer.ggml.merges") }
    var found = MergeTable(minimumCapacity: merges.count)
    for (rank, merge) in merges.enumerated() {
      let text = Array(merge.utf8)
      guard let space = text.dropFirst().firstIndex(of: UInt8(ascii: " ")) else {
        throw .insideGGUF("merge \(rank + 1) is “\(merge.printable)”, and no pair")
      }
      let parts = (String(decoding: text[..<space], as: UTF8.self), String(decoding: text[(space + 1)...], as: UTF8.self))
      func id(_ token: String) throws(TokenizerError) -> Int {
        guard let id = table.id(of: token) else { throw .mergeWithoutToken(rank + 1, token) }
        return id
      }
      let (left, right) = (try id(parts.0), try id(parts.1))
      let result = try id(parts.0 + parts.1)
      // Of a pair that comes twice, llama.cpp takes the first.
      if !found.contains(left, right) { found.insert(left, right, making: result, rank: rank) }
    }
    return found
  }

  /// Every way to make a token of two others. llama.cpp joins any two neighbours that are a token together, that of the
  /// highest score first.
  ///
  /// - Throws: ``TokenizerError/insideGGUF(_:)`` where a character without a token could become part of a token, as it
  ///   becomes bytes before any merge here.
  func scoredMerges(_ table: Vocabulary) throws(TokenizerError) -> MergeTable {
    guard let scores else { throw .insideGGUF("it has no tokenizer.ggml.scores") }
    guard !scores.contains(where: \.isNaN) else { throw .insideGGUF("one of its scores is NaN") }
    for byte in 0...UInt8.max where table.id(of: ByteToken.text(of: byte)) == nil {
      throw .insideGGUF("it has no token \(ByteToken.text(of: byte)), and needs one for each of the 256 bytes")
    }
    let ranks = Dictionary(
      uniqueKeysWithValues: Set(scores).sorted(by: >).enumerated().map { ($1, $0) })
    var found = MergeTable(minimumCapacity: 4 * tokens.count)
    for (id, token) in tokens.enumerated() {
      guard token.utf8.count <= Limits.scoredTokenBytes else {
        throw .insideGGUF("its token \(id) has more than \(Limits.scoredTokenBytes) bytes")
      }
      for place in token.unicodeScalars.indices.dropFirst() {
        let halves = [String(token[..<place]), String(token[place...])]
        let ids = halves.map { table.id(of: $0) }
        if let left = ids[0], let right = ids[1] {
          guard !halves.contains(where: { ByteToken.byte(of: $0) != nil }) else {
            throw .insideGGUF("its token \(id) is made of the token of a byte")
          }
          found.insert(left, right, making: id, rank: ranks[scores[id]] ?? 0)
        } else if !isTakenOut(id), zip(halves, ids).allSatisfy({ $1 != nil || $0.unicodeScalars.dropFirst().isEmpty }) {
          throw .insideGGUF("its token \(id), “\(token.printable)”, has a character that is no token by itself")
        }
      }
    }
    return found
  }

  /// Whether no text between special tokens has this token in it. A space that became ▁ may make one again.
  private func isTakenOut(_ id: Int) -> Bool { isLookedFor(id) && !tokens[id].unicodeScalars.contains("\u{2581}") }
}
