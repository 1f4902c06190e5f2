import ArgumentParser
import HymbaFormat

/// An option for one value that a command line gives twice. The parser takes the last value, and says nothing of the
/// first.
struct RepeatedOption {
  /// The name with which it is given the second time, such as `--part`.
  let name: String

  private struct Definition {
    let number: Int
    let takesSeveral: Bool
  }

  /// - Parameters:
  ///   - arguments: The words behind the tool's name. The parser has accepted them.
  ///   - command: The command that they are for.
  /// - Returns: Nil where no option is given twice.
  init?(in arguments: [String], of command: any ParsableCommand.Type) {
    guard let options = try? Self.options(in: command._dumpHelp()) else { return nil }
    var given: Set<Int> = []
    var words = arguments[...]
    while let word = words.popFirst(), word != "--" {
      let name = String(word.prefix { $0 != "=" })
      guard let option = options[name] else { continue }
      // The next word is its value, whatever it begins with.
      if name == word { words = words.dropFirst() }
      guard given.insert(option.number).inserted || option.takesSeveral else {
        self.name = name
        return
      }
    }
    return nil
  }

  /// The options of a command by each of their names.
  /// - Parameter help: The parser's description of the command, in JSON.
  private static func options(in help: String) throws(FormatError) -> [String: Definition] {
    var options: [String: Definition] = [:]
    var number = 0
    var reader = try JSONReader(Array(help.utf8))
    try member("command", of: &reader) { reader throws(FormatError) in
      try member("arguments", of: &reader) { reader throws(FormatError) in
        try reader.readArray { reader throws(FormatError) in
          number += 1
          let (names, takesSeveral) = try argument(from: &reader)
          for name in names { options[name] = Definition(number: number, takesSeveral: takesSeveral) }
        }
      }
    }
    return options
  }

  /// - Returns: The names with their hyphens; none for a flag or a word without a name.
  private static func argument(from reader: inout JSONReader) throws(FormatError) -> (names: [String], takesSeveral: Bool) {
    var kind = ""
    var takesSeveral = false
    var names: [String] = []
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "kind": kind = try reader.readString()
      case "isRepeating": takesSeveral = try reader.readBool()
      case "names":
        try reader.readArray { reader throws(FormatError) in names.append(try name(from: &reader)) }
      default: try reader.skipValue()
      }
    }
    return (kind == "option" ? names : [], takesSeveral)
  }

  private static func name(from reader: inout JSONReader) throws(FormatError) -> String {
    var kind = ""
    var name = ""
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "kind": kind = try reader.readString()
      case "name": name = try reader.readString()
      default: try reader.skipValue()
      }
    }
    return (kind == "long" ? "--" : "-") + name
  }

  /// Reads one member of an object.
  private static func member(
    _ name: String, of reader: inout JSONReader, _ read: (inout JSONReader) throws(FormatError) -> Void
  ) throws(FormatError) {
    try reader.readObject { reader, key throws(FormatError) in
      if key == name { try read(&reader) } else { try reader.skipValue() }
    }
  }
}
