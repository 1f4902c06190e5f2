import HymbaFormat

/// A layout held against a checkpoint: the account of its tensors, and whether they come back bit for bit.
package struct LayoutCheck: Sendable {
  package let layout: Layout
  /// How the checkpoint's names differ from the layout's; nil for the plain form.
  package let variant: String?
  /// What the layout was recognised by, one sentence.
  package let reason: String
  /// Where the architecture comes from: a configuration; nil for the shapes of the tensors.
  package let configuration: String?
  package let assumptions: [String]
  package let account: LayoutAccount
  /// Why the architecture's layers are of other kinds than the checkpoint's, if they are.
  package let disagreement: String?
  /// Positions of the rules that map nothing in this checkpoint.
  package let idleRules: [Int]
  /// Of all tensors of the checkpoint.
  package let totalBytes: Int

  private let input: ModelInput
  private let options: OpeningOptions
  private let layoutName: String

  /// Reads no tensor data.
  ///
  /// - Parameters:
  ///   - layoutName: A built-in layout, or the path of a document.
  ///   - configuration: Path of the checkpoint's configuration, if it is not found beside it.
  /// - Throws: what opening the checkpoint with this layout throws before its tensors are accounted for.
  package init(
    _ layoutName: String, _ input: ModelInput, configuration: String?
  ) throws {
    let options = OpeningOptions(configuration: configuration, layout: layoutName)
    let input = try input.located()
    let location = Self.location(input)
    let recognised = try naming(location) {
      let source = try input.open()
      if let container = source as? ContainerSource,
        container.manifest.description.architecture != nil
      {
        throw ConversionError.unsupported(
          "this is a container, which has our own names whatever layout it was made with; check the checkpoint that it was made of"
        )
      }
      return try noting(NotedSource.added(to: source)) {
        try RecognisedCheckpoint(source, location, options)
      }
    }
    let plan = recognised.plan
    self.input = input
    self.options = options
    self.layoutName = layoutName
    self.layout = recognised.match.layout
    self.variant = plan.variant.text
    self.reason = recognised.match.reason
    self.configuration = recognised.found.configuration?.origin
    self.assumptions = recognised.source.remarks + recognised.found.assumptions
    self.account = plan.account(
      recognised.source.tensors, recognised.inventory, isCarried: plan.carries)
    self.idleRules = plan.idleRules
    self.totalBytes = recognised.source.tensors.totalBytes
    do throws(ConversionError) {
      try recognised.requireAgreement()
      self.disagreement = nil
    } catch { self.disagreement = "\(error)" }
  }

  /// Whether the checkpoint can be converted with this layout.
  package var isBalanced: Bool { account.problems.isEmpty && disagreement == nil }

  private static func location(_ input: ModelInput) -> String { input.paths[0] }
}

extension LayoutCheck {
  /// What came of importing and exporting a checkpoint.
  package struct RoundTrip: Hashable, Sendable {
    package var tensors = 0
    package var bytes = 0
    /// Each a sentence about one tensor.
    package var differences: [String] = []
  }

  /// Bytes of each of the two windows that are compared at a time.
  private static let windowBytes = 1 << 22

  /// Imports the checkpoint and exports it again, as the tools do, and compares every byte with the original.
  ///
  /// Memory: two windows, and what a permuted tensor takes as a whole.
  /// - Parameter progress: Is told how many bytes were compared.
  /// - Throws: ``ConversionError/ledger(_:)`` when the account does not balance; what reading throws.
  package func roundTrip(progress: (Int) -> Void = { _ in }) throws -> RoundTrip {
    try naming(Self.location(input)) {
      let original = try input.open()
      let returned = try OpenedModel.open(input, options).exported(to: layoutName)
      var result = RoundTrip()
      for tensor in original.tensors where returned.tensors[tensor.name] == nil {
        result.differences.append("\(tensor.name.printable) does not come back")
      }
      for tensor in returned.tensors {
        guard let source = original.tensors[tensor.name] else {
          result.differences.append("\(tensor.name.printable) comes back and was not there")
          continue
        }
        guard source == tensor else {
          result.differences.append(
            "\(tensor.name.printable) comes back as \(tensor.type.rawValue) \(tensor.shape) instead of \(source.type.rawValue) \(source.shape)"
          )
          continue
        }
        result.tensors += 1
        result.bytes += tensor.byteCount
        if let difference = try Self.difference(tensor, original, returned, progress) {
          result.differences.append(difference)
        }
      }
      return result
    }
  }

  private static func difference(
    _ tensor: TensorDescriptor, _ original: any CheckpointSource, _ returned: any CheckpointSource,
    _ progress: (Int) -> Void
  ) throws -> String? {
    var offset = 0
    while offset < tensor.byteCount {
      let count = min(windowBytes, tensor.byteCount - offset)
      func window(_ source: any CheckpointSource) throws -> [UInt8] {
        try [UInt8](count: count) { try source.read(tensor, from: offset, into: &$0) }
      }
      do {
        guard try window(original) == window(returned) else {
          return "\(tensor.name.printable) comes back with other bytes"
        }
      } catch let error as ConversionError {
        // Copies that differ: the other tensors are still worth a look.
        return "\(error)"
      }
      progress(count)
      offset += count
    }
    return nil
  }
}
