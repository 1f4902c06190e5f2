import HymbaFormat

/// The parts that wrappers of PyTorch leave within the names of tensors, as in
/// `model.layers.0._orig_mod.mamba.D`.
///
/// Each part is remembered with the module that it stands behind, so that names are read without the parts and
/// exported with them. A wrapper around the whole model is a prefix like any other: see `NameVariant.prefix`.
struct NameWrapping: Hashable, Sendable {
  /// The parts of wrappers by the path of the module that they stand behind. A number in the path is `*` where
  /// all such modules are wrapped alike.
  private(set) var parts: [String: String] = [:]

  init(parts: [String: String] = [:]) { self.parts = parts }

  /// The names that wrappers for compiled, sharded and recomputed modules leave. No model has a module with
  /// such a name.
  static let wrappers: Set = [
    "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_fpw_module",
  ]
  /// The names of ``wrappers`` and the one that data parallelism leaves. A model may have a module of its own
  /// with that name.
  static let allWrappers = wrappers.union(["module"])

  /// Finds the parts of wrappers within names. The result is nil where there are none, where two names become
  /// the
  /// same without them, and where the names could not be restored.
  ///
  /// - Parameters:
  ///   - wrappers: The parts of names that count as parts of wrappers.
  ///   - layout: The layout whose own parts of names do not count.
  /// - Complexity: Goes through all names at most twice.
  init?(
    _ names: some Collection<String>, of wrappers: Set<String>, knownTo layout: Layout
  ) {
    let holders = names.filter { Self.holds($0, wrappers) }
    guard !holders.isEmpty else { return nil }
    let own = Set(layout.rules.flatMap(\.from).flatMap(\.dottedParts))
    let wrappers = wrappers.subtracting(own)
    for isGeneral in [true, false] {
      guard let parts = Self.parts(of: holders, wrappers, isGeneral: isGeneral) else { continue }
      self.parts = parts
      let plain = names.map(unwrapped)
      let isReversible = zip(plain, names).allSatisfy { wrapped($0) == $1 }
      if isReversible, Set(plain.map(NameKey.init)).count == names.count { return }
    }
    return nil
  }

  /// Whether a name has a part of a wrapper, other than at its beginning or its end.
  static func holds(_ name: String, _ wrappers: Set<String>) -> Bool {
    // This is a quick test: splitting a hundred thousand names would take longer.
    guard name.utf8Contains("._") || wrappers != Self.wrappers && name.utf8Contains(".module.")
    else { return false }
    return name.dottedParts.filter { !$0.isEmpty }.drop(while: wrappers.contains).dropLast()
      .contains(where: wrappers.contains)
  }

  private static func parts(
    of names: [String], _ wrappers: Set<String>, isGeneral: Bool
  ) -> [String: String]? {
    var parts: [String: String] = [:]
    for name in names {
      let components = name.dottedParts
      var path = Path()
      var index = components.prefix { wrappers.contains($0) }.count
      for component in components[..<index] { path.append(component) }
      while index < components.count - 1 {
        path.append(components[index])
        index += 1
        let run = components[index..<(components.count - 1)].prefix { wrappers.contains($0) }
        guard !run.isEmpty else { continue }
        guard path.depth <= Limits.wrappedDepth else { return nil }
        let key = isGeneral ? path.general : path.own
        let part = run.joined(separator: ".")
        guard parts.updateValue(part, forKey: key) ?? part == part,
          NameVariant.canRemember(path: key)
        else { return nil }
        index += run.count
      }
    }
    return parts.isEmpty ? nil : parts
  }

  // MARK: Names

  /// The name with the parts of wrappers, as the wrapped model has it.
  func wrapped(_ name: String) -> String {
    guard !parts.isEmpty else { return name }
    var out: [String] = []
    var path = Path()
    let components = name.dottedParts
    for (index, component) in components.enumerated() {
      out.append(component)
      path.append(component)
      if index < components.count - 1, let part = part(behind: path) { out.append(part) }
    }
    return out.joined(separator: ".")
  }

  /// The name without the parts of wrappers.
  func unwrapped(_ name: String) -> String {
    guard !parts.isEmpty else { return name }
    var out: [String] = []
    var path = Path()
    var rest = name.dottedParts[...]
    while let component = rest.popFirst() {
      out.append(component)
      path.append(component)
      guard let part = part(behind: path).map(\.dottedParts), rest.starts(with: part),
        rest.count > part.count
      else { continue }
      rest = rest.dropFirst(part.count)
    }
    return out.joined(separator: ".")
  }

  /// The same tensors under names without the parts of wrappers.
  /// - Throws: `FormatError` where the new names are no valid table.
  func unwrapped(_ tensors: TensorTable) throws(FormatError) -> TensorTable {
    try TensorTable(
      tensors.map { tensor throws(FormatError) in
        try TensorDescriptor(
          name: unwrapped(tensor.name), type: tensor.type, shape: tensor.shape)
      })
  }

  private func part(behind path: Path) -> String? {
    // A look-up takes longer the longer the path is, so deep paths are not looked up.
    guard path.depth <= Limits.wrappedDepth else { return nil }
    return parts[path.own] ?? parts[path.general]
  }

  /// The path of a module, and the same path with `*` in place of its numbers.
  private struct Path {
    var own = ""
    var general = ""
    var depth = 0

    mutating func append(_ component: String) {
      depth += 1
      let isNumber = component.hasPrefix("{") || Int(component) != nil
      own += own.isEmpty ? component : "." + component
      general += (general.isEmpty ? "" : ".") + (isNumber ? "*" : component)
    }
  }

  // MARK: What cannot be read

  /// The error for a checkpoint of no known layout whose names have parts of wrappers; nil where no name has
  /// any.
  static func problem(in tensors: TensorTable) -> ConversionError? {
    guard let name = tensors.first(where: { holds($0.name, wrappers) })?.name,
      let part = name.dottedParts.drop(while: wrappers.contains).first(where: wrappers.contains)
    else { return nil }
    return .wrapped(part: part)
  }
}
