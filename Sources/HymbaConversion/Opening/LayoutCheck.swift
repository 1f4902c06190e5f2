import HymbaFormat

/// The check of a layout against a checkpoint: the account of the tensors, and whether they come back bit for
/// bit.
package struct LayoutCheck: Sendable {
  package let layout: Layout
  /// A phrase for the difference between the checkpoint's names and the layout's; nil where there is none.
  package let variant: String?
  /// A clause that says by what the layout was recognised: `it has model.embed_tokens.weight, …`.
  package let reason: String
  /// The name of the configuration that the architecture comes from; nil where it comes from the shapes of the
  /// tensors.
  package let configuration: String?
  package let assumptions: [String]
  package let account: LayoutAccount
  /// A message that says where the kinds of the layers differ between architecture and checkpoint; nil where
  /// they agree.
  package let disagreement: String?
  /// The positions of the rules that map nothing in this checkpoint, counted from 0.
  package let idleRules: [Int]
  /// The bytes of all tensors of the checkpoint together.
  package let totalBytes: Int

  private let input: ModelInput
  private let options: OpeningOptions
  private let layoutName: String

  /// Checks a layout against a checkpoint without reading tensor data.
  ///
  /// - Parameters:
  ///   - layoutName: The name of a built-in layout, or the path of a layout document.
  ///   - configuration: The path of the checkpoint's configuration; nil where it is in or beside the
  ///     checkpoint, or not needed.
  /// - Throws: The errors of opening the checkpoint with this layout, but not those of the account, which are
  ///   in ``account``; ``ConversionError/unsupported(_:)`` for a container.
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
      recognised.source.tensors, recognised.inventory, isCarried: recognised.carries)
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
  /// The result of importing a checkpoint and exporting it again.
  package struct RoundTrip: Hashable, Sendable {
    package var tensors = 0
    package var bytes = 0
    /// The differences, one sentence for each tensor.
    package var differences: [String] = []
  }

  /// The number of bytes in each of the two windows that are compared at a time.
  private static let windowBytes = 1 << 22

  /// Imports the checkpoint and exports it again, as the tools do, and compares every byte with the original.
  ///
  /// - Parameter progress: Called with the number of bytes compared since the last call.
  /// - Throws: ``ConversionError/ledger(_:)`` where the account does not balance; the errors of opening and
  ///   reading the checkpoint.
  /// - Complexity: Reads every tensor twice. The memory is two windows of 4 MiB, and a permuted tensor as a
  ///   whole.
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
        // Copies that should be equal differ. The other tensors are still compared.
        return "\(error)"
      }
      progress(count)
      offset += count
    }
    return nil
  }
}
