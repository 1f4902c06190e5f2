package import HymbaConversion
package import HymbaFormat
package import HymbaModel

/// Why a checkpoint is listed under its own names, and what is known of its tensors all the same.
package struct OwnNamesAccount: Sendable {
  package enum Reason: Sendable {
    /// Only some shards of a set were named.
    case shards(PartialShards)
    /// This is a part of a model, a container of its own, in this folder.
    case part(Int, of: Int, folder: String)
    /// The checkpoint is no model that can be opened, for this reason.
    case error(any Diagnosis)
  }

  package let reason: Reason
  /// Sentences about the checkpoint that may explain the reason.
  package let remarks: [String]
  /// The layout that the names have; nil where it is not known.
  package let layout: String?
  /// The layout that comes nearest where none is known.
  package let nearest: NearestLayout?
  /// Whether a file lies beside the checkpoint that has the name of a configuration.
  package let hasConfiguration: Bool

  private let recognised: RecognitionAccount?

  /// - Parameter error: The error of opening the checkpoint as a model.
  init(_ source: any CheckpointSource, at location: String, because error: any Diagnosis) {
    var cause = error
    // The path of the checkpoint stands in front of a note anyway, and that of another file is needed.
    if let named = cause as? FileDiagnosis, named.location == location { cause = named.cause }
    var remarks: [String] = []
    if let remarked = cause as? RemarkedDiagnosis {
      // The remarks of the source itself are shown as its warnings.
      let known = Set(source.remarks)
      remarks = remarked.remarks.filter { !known.contains($0) }
      cause = remarked.cause
    }
    let recognised = try? RecognitionAccount(source, at: location, OpeningOptions())
    var layout = recognised?.layout
    if case .configurationNeeded(let name)? = cause as? ConversionError { layout = name }
    self.init(.error(cause), remarks, layout, recognised, source.tensors, location)
  }

  init(
    _ source: any CheckpointSource, at location: String, _ shards: PartialShards,
    _ recognised: RecognitionAccount?
  ) {
    self.init(.shards(shards), [], recognised?.layout, recognised, source.tensors, location)
  }

  init(_ source: any CheckpointSource, at location: String, _ part: ContainerPart) {
    self.init(
      .part(part.number, of: part.count, folder: FileSystem.folder(of: location)), [], nil, nil, source.tensors,
      location)
  }

  private init(
    _ reason: Reason, _ remarks: [String], _ layout: String?, _ recognised: RecognitionAccount?,
    _ tensors: TensorTable, _ location: String
  ) {
    self.reason = reason
    self.remarks = remarks
    self.layout = layout
    self.nearest = layout == nil ? (try? NearestLayout.of(tensors)).flatMap(\.self) : nil
    self.recognised = recognised
    let folder = FileSystem.isDirectory(location) ? location : FileSystem.folder(of: location)
    self.hasConfiguration = KnownFamily.configurationFiles.contains {
      FileSystem.exists(FileSystem.path(folder, $0))
    }
  }

  /// The parameters that a tensor becomes; empty where that is not known.
  package func parameters(of tensor: TensorDescriptor) -> [Parameter] {
    guard let recognised, let use = recognised.uses[tensor.name] else { return [] }
    return use.parameters.compactMap { recognised.inventory[$0] }
  }

  /// The logical parts of a tensor in which the original fuses several; empty where none are known.
  ///
  /// A part of a tensor that becomes several parameters has the name of the parameter in front, such as
  /// `mamba.in_proj.weight, x`.
  package func parts(of tensor: TensorDescriptor) -> [TensorPart] {
    guard let recognised, recognised.uses[tensor.name]?.isInOrder == true else { return [] }
    let parameters = parameters(of: tensor)
    let counts = parameters.map(\.shape.elementCount)
    guard counts.reduce(0, +) == tensor.shape.elementCount else { return [] }
    guard parameters.count > 1 else {
      return parameters.flatMap { TensorPart.parts(of: $0, in: recognised.architecture) }
    }
    var start = 0
    return zip(parameters, counts).flatMap { parameter, count in
      defer { start += count }
      let own = TensorPart.parts(of: parameter, in: recognised.architecture)
      let name = Self.nameInLayer(parameter.name)
      return own.isEmpty
        ? [TensorPart(name: name, elements: [start..<start + count])]
        : own.map { part in
          TensorPart(
            name: "\(name), \(part.name)",
            elements: part.elements.map { $0.lowerBound + start..<$0.upperBound + start })
        }
    }
  }

  /// The name of a parameter without the layer that it belongs to.
  private static func nameInLayer(_ name: String) -> String {
    let words = name.split(separator: ".")
    guard words.count > 2, words[0] == "layers", Int(words[1]) != nil else { return name }
    return words.dropFirst(2).joined(separator: ".")
  }
}
