import HymbaFormat
import HymbaModel

/// The configuration of a GGUF file: a `config.json` made of its keys and tensors.
struct GGUFConfiguration: FamilyConfiguration {
  private let base: any FamilyConfiguration
  /// The key that gives each option, for messages.
  private let keys: [String: String]
  /// Notes on keys that are left aside.
  private let leftAside: [String]

  var family: any Family { base.family }
  var notes: [String] { base.notes + leftAside }

  func architecture(hasHead: Bool?) throws -> Architecture {
    do {
      return try base.architecture(hasHead: hasHead)
    } catch ConversionError.option(let name, let found, let expected) {
      var expected = expected
      for (option, key) in keys { expected = expected.replacing(option, with: key) }
      throw ConversionError.option(keys[name] ?? name, found: found, expected: expected)
    }
  }

  /// Reads the configuration of a file.
  ///
  /// - Parameters:
  ///   - family: The family that recognised the file.
  ///   - other: The configuration that the user names; nil for none. Options that no GGUF holds are taken from
  ///     it, and the digits of numbers that a GGUF holds as F32.
  /// - Returns: The configuration, and a sentence for each option that is assumed and each key that is absent.
  /// - Throws: ``ConversionError`` for values that no model can have.
  static func read(
    _ model: GGUFModel, of family: any GGUFFamily, completedBy other: Configuration?
  ) throws -> (Configuration, assumptions: [String]) {
    let options = try family.options(of: model)
    let leftAside = try UnreadProperties.notes(on: model, of: family, options)
    var values = options.values
    var assumed: [UntoldOption] = []
    let given = other.flatMap { describing($0, in: family) }
    for (name, value) in values {
      if let number = value.double, let exact = given?[name]?.double, Float(number) == Float(exact) {
        values[name] = given?[name]
      }
    }
    for option in family.untold {
      let names = family.options[option.name]?.names ?? [option.name]
      if let given {
        // Where the configuration is silent, the default of the original holds.
        for name in names { values[name] = given[name] }
      } else if other == nil {
        assumed.append(option)
      }
    }
    var sentences = sentences(on: assumed)
    for absent in options.absent {
      let option = family.options[absent.option]
      if let value = (option?.names ?? [absent.option]).lazy.compactMap({ given?[$0] }).first {
        values[absent.option] = value
      } else {
        sentences += [sentence(on: absent, default: absent.value ?? option?.defaultNumber)].compactMap(\.self)
      }
    }
    let origin = "config.json made of the GGUF's keys"
    guard let document = ConfigurationDocument(pythonOptions: .object(values), origin: origin) else {
      throw ConversionError.configurationUnknown("its keys have a number that is none")
    }
    let content = GGUFConfiguration(
      base: try family.read(.object(values), text: Array(document.text.utf8), origin: origin),
      keys: options.keys, leftAside: leftAside)
    return (Configuration(document, content), try sentences + self.sentences(on: model.furtherLayers()))
  }

  private static func sentence(on absent: GGUFOptions.AbsentKey, default value: JSONValue?) -> String? {
    guard let value else { return nil }
    let origin = absent.value == nil ? "config.json" : "llama.cpp"
    return
      "the GGUF file does not have \(absent.key): \(value.summary), the default of \(origin), is assumed, unless --config names the config.json of the original"
  }

  /// The options of a configuration as this family names them, of an architecture those that describe it; nil where the
  /// family has no such model.
  private static func describing(_ configuration: Configuration, in family: any GGUFFamily) -> JSONValue? {
    var document: ConfigurationDocument? = configuration.document
    if configuration.family.fitsAnyLayout {
      document = (try? configuration.architecture()).flatMap { family.derived(from: $0, type: nil) }
    } else if configuration.family.name != family.name {
      return nil
    }
    return document.flatMap { try? JSONValue(parsing: Array($0.text.utf8), .python) }
  }

  /// A sentence about layers that predict further tokens; none where there are none.
  private static func sentences(on further: Range<Int>) -> [String] {
    guard let first = further.first, let last = further.last else { return [] }
    let names = first == last ? "blk.\(first)" : "blk.\(first) to blk.\(last)"
    return [
      "a GGUF file may hold layers that predict further tokens, here \(names): the tensors are kept, and nothing computes with them"
    ]
  }

  /// A sentence for all options in whose place the same is taken.
  private static func sentences(on options: [UntoldOption]) -> [String] {
    var left = options[...]
    var sentences: [String] = []
    while let first = left.first {
      let names = left.filter { $0.assumption == first.assumption }.map(\.name)
      left.removeAll { $0.assumption == first.assumption }
      sentences.append(
        "a GGUF file does not hold \(Families.list(names, "and")): \(first.assumption) is assumed, unless --config names the config.json of the original"
      )
    }
    return sentences
  }
}

extension ConfigurationOption {
  /// The number that is taken where a `config.json` leaves out the option; nil for an option that is no number.
  fileprivate var defaultNumber: JSONValue? {
    if case .read(.number(let absent)) = use { .number(absent) } else { nil }
  }
}
