/// The differences between a checkpoint's names and its layout's, and the optional copies that it holds. With
/// them, an export can restore the checkpoint's own names.
public struct NameVariant: Hashable, Sendable {
  /// The text that stands before the layout's name in all names, such as `params.data.`; empty for none.
  public var prefix: String
  /// The beginning of the layout's names that the checkpoint omits, such as `model.`; empty for none.
  public var omitted: String
  /// The optional tensors of the layout that the checkpoint holds, by the layout's names.
  public var copies: [String]
  /// The optional copies that the checkpoint holds in place of their originals, by the layout's names. The
  /// originals are absent.
  public var substitutes: [String]
  /// The layers under which the checkpoint holds the tensors that several layers share; empty if none are
  /// shared.
  public var sharedLayers: [Int]
  /// The name parts that wrappers add, such as `_orig_mod`, by the path of the module after which each stands.
  /// A number in the path is `*` where all such modules are wrapped alike.
  public var wrapped: [String: String]

  public init(
    prefix: String = "", omitted: String = "", copies: [String] = [], substitutes: [String] = [],
    sharedLayers: [Int] = [], wrapped: [String: String] = [:]
  ) {
    self.prefix = prefix
    self.omitted = omitted
    self.copies = copies
    self.substitutes = substitutes
    self.sharedLayers = sharedLayers
    self.wrapped = wrapped
  }

  /// Whether the names are the layout's own, without copies.
  public var isPlain: Bool { self == NameVariant() }
}

// MARK: - As a sentence

extension NameVariant {
  private static let separator = "; "
  private static let pathEnd = ": "
  private static let marks = (
    prefix: "under ", omitted: "without ", copy: "with ", substitute: "by ", shared: "shared at ",
    wrapper: "wrapped "
  )

  /// The variant as a sentence; nil for the plain form. An example is `under params.data.; with lm_head.weight;
  /// shared at 2, 7; wrapped model.layers.*: _orig_mod`. `by lm_head.weight` means that the tensor has only
  /// this name.
  ///
  /// Readers of containers of version 1.1 and older parse this text.
  public var text: String? {
    var parts: [String] = []
    if !prefix.isEmpty { parts.append(Self.marks.prefix + prefix) }
    if !omitted.isEmpty { parts.append(Self.marks.omitted + omitted) }
    parts += copies.map { Self.marks.copy + $0 }
    parts += substitutes.map { Self.marks.substitute + $0 }
    if !sharedLayers.isEmpty {
      parts.append(Self.marks.shared + sharedLayers.map(String.init).joined(separator: ", "))
    }
    parts += wrapped.sorted { $0.key.utf8Precedes($1.key) }
      .map { Self.marks.wrapper + $0.key + Self.pathEnd + $0.value }
    return parts.isEmpty ? nil : parts.joined(separator: Self.separator)
  }

  /// Whether this prefix can be recovered from ``text``.
  public static func canRemember(prefix: String) -> Bool { !prefix.utf8Contains(separator) }

  /// Whether this path of ``wrapped`` can be recovered from ``text``.
  public static func canRemember(path: String) -> Bool {
    canRemember(prefix: path) && !path.utf8Contains(pathEnd)
  }

  /// Parses the ``text`` in a manifest of version 1.1 or older. Unknown parts are ignored.
  init(olderText text: String) {
    self.init()
    func rest(_ part: Substring, _ mark: String) -> String? {
      part.hasPrefix(mark) ? String(part.dropFirst(mark.count)) : nil
    }
    for part in text.split(separator: Self.separator) {
      if let own = rest(part, Self.marks.prefix) {
        prefix = own
      } else if let own = rest(part, Self.marks.omitted) {
        omitted = own
      } else if let own = rest(part, Self.marks.copy) {
        copies.append(own)
      } else if let own = rest(part, Self.marks.substitute) {
        substitutes.append(own)
      } else if let own = rest(part, Self.marks.shared) {
        sharedLayers = own.split(separator: ", ").compactMap { Int($0) }
      } else if let own = rest(part, Self.marks.wrapper) {
        let halves = own.split(separator: Self.pathEnd)
        if halves.count == 2 { wrapped[String(halves[0])] = String(halves[1]) }
      }
    }
  }
}

// MARK: - As an object of a manifest

extension NameVariant {
  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("prefix", prefix)
      writer.member("omitted", omitted)
      writer.key("copies")
      writer.strings(copies)
      writer.key("substitutes")
      writer.strings(substitutes)
      writer.key("sharedLayers")
      writer.integers(sharedLayers)
      writer.key("wrapped")
      writer.array { writer in
        for (path, part) in wrapped.sorted(by: { $0.key.utf8Precedes($1.key) }) {
          writer.object { writer in
            writer.member("behind", path)
            writer.member("part", part)
          }
        }
      }
    }
  }

  /// Reads the object of a manifest. Unknown keys are ignored, and absent ones are empty.
  /// - Throws: ``FormatError/json(_:offset:)``, ``FormatError/manifestInvalid(_:)``.
  init(from reader: inout JSONReader) throws(FormatError) {
    self.init()
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "prefix": prefix = try reader.readString()
      case "omitted": omitted = try reader.readString()
      case "copies": copies = try reader.readStrings()
      case "substitutes": substitutes = try reader.readStrings()
      case "sharedLayers":
        sharedLayers = try reader.readList { reader throws(FormatError) in
          try reader.readInteger()
        }
      case "wrapped":
        try reader.readArray { reader throws(FormatError) in
          let fields = try reader.readStringFields(["behind", "part"])
          wrapped[fields[0]] = fields[1]
        }
      default: try reader.skipValue()
      }
    }
  }
}
