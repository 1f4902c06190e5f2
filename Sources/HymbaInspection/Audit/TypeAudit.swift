import HymbaFormat

/// The element types of the tensors: against one another, against the configuration, and against what is
/// computed in F32 whatever the type of the file.
struct TypeAudit {
  private(set) var findings: [Finding] = []

  private let tensors: [TensorDescriptor]
  private let names: Set<NameKey>

  init(_ tensors: TensorTable, _ configuration: AuditedConfiguration?) {
    self.tensors = tensors.filter { $0.type.isFloatingPoint }
    self.names = Set(tensors.map { NameKey($0.name) })
    addDeclared(configuration)
    addNarrow()
    addMixed()
  }

  // MARK: The configuration

  private static let torchNames: [String: ElementType] = [
    "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16,
  ]

  private mutating func addDeclared(_ configuration: AuditedConfiguration?) {
    // Version 5 of transformers calls the option `dtype`, and reads the older name too.
    let keys = ["dtype", "torch_dtype"]
    guard let configuration, let key = keys.first(where: { configuration.text($0) != nil }),
      let name = configuration.text(key)?.split(separator: ".").last,
      let declared = Self.torchNames[String(name)], let main = mainType, main != declared
    else { return }
    let count = tensors.count { $0.type == main }
    findings.append(
      Finding(
        .dtype, .warning, configuration.origin,
        "says \(key) \(name), and \(count) of \(tensors.count) tensors are \(main.rawValue)"))
  }

  /// The type that has the most elements.
  private var mainType: ElementType? {
    var elements: [ElementType: Int] = [:]
    for tensor in tensors { elements[tensor.type, default: 0] += tensor.shape.elementCount }
    return elements.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
  }

  // MARK: What is computed in F32

  private enum Precision {
    /// A parameter of the recurrence: A_log, D or the bias of the time step.
    case recurrence
    /// The bias by which a router chooses experts.
    case choice
  }

  /// Why a tensor is computed with in F32 whatever its type is; nil for any other tensor.
  private func precision(_ name: String) -> Precision? {
    var parts = name.split(separator: ".")
    if parts.count > 1, Int(parts[parts.count - 1]) != nil { parts.removeLast() }
    guard let last = parts.last else { return nil }
    if last == "e_score_correction_bias" { return .choice }
    if ["A_log", "dt_bias", "dt_proj_bias"].contains(last) { return .recurrence }
    if last == "D" {
      // A tensor of that name belongs to a Mamba where there is an A_log beside it.
      let stem = name.utf8.count - name.split(separator: ".").dropFirst(parts.count - 1)
        .joined(separator: ".").utf8.count
      let prefix = String(decoding: name.utf8.prefix(stem), as: UTF8.self)
      return ["A_log", "A_log.0"].contains { names.contains(NameKey(prefix + $0)) }
        ? .recurrence : nil
    }
    guard last == "bias", parts.dropLast().contains("dt_proj") else { return nil }
    return .recurrence
  }

  private mutating func addNarrow() {
    let narrow = tensors.filter { $0.type.byteSize < 4 }
    let recurrence = narrow.filter { precision($0.name) == .recurrence }
    if let first = recurrence.first {
      let folded = FoldedNames.fold(recurrence.map(\.name))
      findings.append(
        Finding(
          .dtype, .note, folded[0].text,
          "\(recurrence.count == 1 ? "is" : "and other parameters of the recurrence are, \(recurrence.count) in all,") stored as \(first.type.rawValue): they are computed with in F32 from the rounded values, which llama.cpp's converter writes as F32"
        ))
    }
    let choice = narrow.filter { precision($0.name) == .choice }
    findings += FoldedNames.fold(choice.map(\.name)).map { names in
      Finding(
        .dtype, .warning, names.text,
        "\(names.count == 1 ? "is" : "are") stored as \(choice[0].type.rawValue): biases by which experts are chosen are F32 in the released files, and a rounded one can choose others"
      )
    }
  }

  // MARK: Types among each other

  private mutating func addMixed() {
    let others = tensors.filter { precision($0.name) == nil }
    var types: [(type: ElementType, names: [String])] = []
    var patterns: [String: [ElementType: [String]]] = [:]
    var order: [String] = []
    for tensor in others {
      if let position = types.firstIndex(where: { $0.type == tensor.type }) {
        types[position].names.append(tensor.name)
      } else {
        types.append((tensor.type, [tensor.name]))
      }
      let pattern = FoldedNames.pattern(tensor.name)
      if patterns[pattern] == nil { order.append(pattern) }
      patterns[pattern, default: [:]][tensor.type, default: []].append(tensor.name)
    }
    guard types.count > 1 else { return }
    var isUneven = false
    for pattern in order {
      guard let own = patterns[pattern], own.count > 1 else { continue }
      isUneven = true
      // The type of the fewest is the odd one.
      let sorted = own.sorted { ($0.value.count, $0.key.rawValue) < ($1.value.count, $1.key.rawValue) }
      let (most, rest) = (sorted[sorted.count - 1], sorted.dropLast())
      for odd in rest {
        findings += FoldedNames.fold(odd.value).map { names in
          Finding(
            .dtype, .warning, names.text,
            "\(names.count == 1 ? "is" : "are") \(odd.key.rawValue), and the same tensors of \(counted(most.value.count, "other layer")) are \(most.key.rawValue)"
          )
        }
      }
    }
    guard !isUneven else { return }
    types.sort { ($1.names.count, $0.type.rawValue) < ($0.names.count, $1.type.rawValue) }
    for rarer in types.dropFirst() {
      findings.append(
        Finding(
          .dtype, .note, FoldedNames.fold(rarer.names).words,
          "\(rarer.names.count == 1 ? "is" : "are") \(rarer.type.rawValue) while most tensors are \(types[0].type.rawValue)"
        ))
    }
  }
}
