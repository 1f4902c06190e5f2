/// What the manifest of a part says about the model that it is a part of.
package struct ContainerPart: Sendable, Equatable {
  /// The number of the part, counted from 1.
  package let number: Int
  /// The number of parts of the model.
  package let count: Int
  /// The digest of the plan by which the model was divided. All parts of a model have the same one.
  package let plan: SHA256Digest
  /// The JSON text of the model's manifest without tensors and attachments. The first part alone has it, as one place
  /// is enough and two could disagree.
  let model: [UInt8]?

  package var name: PartName { PartName(number: number, count: count) }
}

extension ContainerPart {
  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("number", number)
      writer.member("count", count)
      writer.member("plan", "\(plan)")
      if let model {
        writer.key("model")
        writer.raw(model)
      }
    }
  }

  /// Reads the object of a manifest. Unknown keys are ignored.
  /// - Throws: ``FormatError/json(_:offset:)``, ``FormatError/manifestInvalid(_:)``.
  init(from reader: inout JSONReader) throws(FormatError) {
    var (number, count) = (0, 0)
    var plan: String?
    var model: [UInt8]?
    try reader.readObject { reader, key throws(FormatError) in
      switch key {
      case "number": number = try reader.readInteger()
      case "count": count = try reader.readInteger()
      case "plan": plan = try reader.readString()
      case "model": model = try reader.readRawValue()
      default: try reader.skipValue()
      }
    }
    guard (1...Limits.parts).contains(count), (1...count).contains(number) else {
      throw .manifestInvalid(
        "it is of part \(number) of \(count), and a model has 1 to \(Limits.parts) parts")
    }
    guard let plan = plan.flatMap(SHA256Digest.init(hexadecimal:)) else {
      throw .manifestInvalid("its part has no valid plan")
    }
    guard (model == nil) == (number != 1) else {
      throw .manifestInvalid(
        number == 1
          ? "it is of the first part and does not describe the model"
          : "it is of part \(number) and describes the model, as the first part alone does")
    }
    self.init(number: number, count: count, plan: plan, model: model)
  }
}

extension Manifest {
  /// The manifest of a whole model.
  /// - Parameter parts: All parts, in order. They are known to belong together.
  /// - Throws: ``FormatError/manifestInvalid(_:)`` when the first part does not describe a model.
  init(joining parts: [ContainerFile]) throws(FormatError) {
    var whole = try Manifest(json: parts.first?.manifest.part?.model ?? [])
    guard whole.stored.isEmpty, whole.aliases.isEmpty, whole.part == nil else {
      throw .manifestInvalid("the model that its part describes has tensors of its own")
    }
    whole.tensors = parts.flatMap(\.manifest.tensors)
    whole.aliases = parts.flatMap(\.manifest.aliases)
    whole.attachments = parts.flatMap(\.manifest.attachments)
    whole.description.assumptions += Self.sentences(of: parts)
    self = whole
  }

  /// What the parts say of their own tensors: once where all say the same.
  private static func sentences(of parts: [ContainerFile]) -> [String] {
    let own = parts.map(\.manifest.description.assumptions)
    guard let first = own.first, own.contains(where: { $0 != first }) else { return own.first ?? [] }
    return own.enumerated().flatMap { index, sentences in
      sentences.map { "part \(index + 1): \($0)" }
    }
  }
}
