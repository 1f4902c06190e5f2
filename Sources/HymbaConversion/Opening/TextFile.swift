import HymbaFormat

/// Recognises texts where a checkpoint or its configuration was expected, such as the answer of a server in
/// place of a file.
enum TextFile {
  /// The error for a text where a checkpoint was expected; nil for a file that is no text.
  static func error(
    _ file: InputFile, _ prefix: [UInt8]
  ) throws(FormatError) -> ConversionError? {
    if let start = text(prefix), start.hasPrefix("{"), let members = try members(file) {
      func has(_ keys: [String]) -> Bool { keys.contains { members[$0] != nil } }
      if !has(["weight_map"]) {
        if members["signature"] != nil, members["rules"] != nil { return .layoutDocument }
        let isAnswer = members.count <= 6 && has(answerKeys)
        if !isAnswer, !has(adapterKeys), has(configurationKeys) { return .configurationDocument }
      }
    }
    return try kind(file, prefix).map { .unsupported("this is \($0)") }
  }

  /// A phrase for the kind of a text; nil for a file that is no text.
  /// - Parameter wanted: The word for what was expected.
  static func kind(
    _ file: InputFile, _ prefix: [UInt8], wanted: String = "checkpoint"
  ) throws(FormatError) -> String? {
    if prefix.starts(with: [0xFF, 0xFE]) || prefix.starts(with: [0xFE, 0xFF]) {
      return "a text in UTF-16 and not a \(wanted); \(broken)"
    }
    guard let text = text(prefix) else { return nil }
    let start = text.lowercased()
    if let pageStart = ["<!doctype html", "<html", "<head", "<body"].first(where: start.hasPrefix) {
      let isWhole = pageStart != start
      return "a web page\(quoted(isWhole ? element("title", of: text) : nil)) and not a \(wanted); \(wrong)"
    }
    if start.hasPrefix("<?xml") || start.hasPrefix("<error") {
      let message = element("Message", of: text) ?? element("Code", of: text)
      return "a text in XML\(quoted(message)) and not a \(wanted); \(wrong)"
    }
    if start.hasPrefix("{") || start.hasPrefix("["), let kind = try jsonKind(file) { return kind }
    return "a text\(quoted(text)) and not a \(wanted); \(broken)"
  }

  private static let wrong = "the download went wrong"
  private static let broken = "if it was downloaded, the download went wrong"

  /// The text at the beginning of a file, without a byte order mark and white space in front; nil for bytes
  /// that are no text in UTF-8.
  private static func text(_ prefix: [UInt8]) -> String? {
    let isText = prefix.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
    guard isText else { return nil }
    var bytes = prefix[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    // The prefix may end within a character, so up to three bytes at its end are dropped.
    let whole = (0...3).lazy.compactMap { String(validating: bytes.dropLast($0), as: UTF8.self) }
    guard let text = whole.first?.drop(while: \.isWhitespace), !text.isEmpty else { return nil }
    return String(text)
  }

  /// The text within an element of HTML or XML.
  private static func element(_ name: String, of text: String) -> String? {
    let lowercased = Array(text.lowercased())
    let letters = Array(text)
    guard lowercased.count == letters.count,
      let start = lowercased.firstRange(of: Array("<\(name)>".lowercased()))?.upperBound,
      let end = lowercased[start...].firstIndex(of: "<")
    else { return nil }
    return String(letters[start..<end])
  }

  /// The largest number of characters of a text that a message shows.
  private static let quotedLength = 60

  /// The first line of a text in parentheses, for a message; empty where there is no text.
  private static func quoted(_ text: String?) -> String {
    guard let line = text?.split(whereSeparator: \.isNewline).first, !line.isEmpty else {
      return ""
    }
    let isLong = line.count > quotedLength
    return " (“\(String(line.prefix(quotedLength)).printable)\(isLong ? "…" : "")”)"
  }

  // MARK: JSON

  /// A phrase for the kind of a JSON document, by its members; nil for a file that is not JSON.
  private static func jsonKind(_ file: InputFile) throws(FormatError) -> String? {
    guard let json = try document(file) else { return nil }
    guard case .object(let members) = json else { return other }
    func has(_ keys: [String]) -> Bool { keys.contains { members[$0] != nil } }
    if has(["weight_map"]) {
      return "the index of a checkpoint in shards; give it a name that ends in .index.json, beside its shards"
    }
    for key in answerKeys where members.count <= 6 && has([key]) {
      return "an answer in JSON\(quoted(members[key]?.message)) and not a checkpoint; \(wrong)"
    }
    if has(adapterKeys) {
      return "the configuration of an adapter; merge the adapter into its base model, and name that"
    }
    return other
  }

  private static let other =
    "a text in JSON and not a checkpoint; name the file or the folder with the weights"
  private static let answerKeys = ["error", "message", "detail", "errors"]
  private static let adapterKeys = ["peft_type", "lora_alpha"]
  private static let configurationKeys = [
    "model_type", "architectures", "hidden_size", "embed_dim", "layers",
  ]
}

extension TextFile {
  /// The JSON document in a file; nil for a file that is not JSON, or is too large for a configuration.
  private static func document(_ file: InputFile) throws(FormatError) -> JSONValue? {
    guard file.byteCount <= Limits.configurationBytes else { return nil }
    return try? ForeignDocument(parsing: file.bytes(at: 0, count: file.byteCount)).value
  }

  private static func members(_ file: InputFile) throws(FormatError) -> [String: JSONValue]? {
    guard case .object(let members)? = try document(file) else { return nil }
    return members
  }
}

extension JSONValue {
  /// The text of an error in the answer of a server. Some servers nest it in objects or lists.
  fileprivate var message: String? {
    switch self {
    case .string(let text): text
    case .object(let members): members["message"]?.message
    case .array(let elements): elements.first?.message
    default: nil
    }
  }
}
