package import HymbaConversion
import HymbaFormat

/// A checkpoint whose tensors can be listed: as the parameters of a model, or else under their own names.
///
/// Any checkpoint that can be read can be listed, also one shard, quantised weights, and a model of no known
/// family.
package struct ListedCheckpoint: Sendable {
  /// The model; one that is kept verbatim where the tensors have their own names.
  package let model: OpenedModel
  /// Why the tensors have their own names, and what is known of them; nil for a model, and where the user
  /// asked for the own names.
  package let account: OwnNamesAccount?

  /// Opens a checkpoint. No tensor data is read.
  ///
  /// - Parameter options: A configuration or a layout that is given must fit.
  /// - Throws: `FileDiagnosis` with the path: for files that cannot be read, for a container whose manifest and
  ///   tensors do not agree, and for options that do not fit.
  package static func open(_ input: ModelInput, _ options: OpeningOptions) throws -> ListedCheckpoint {
    var input = try input.located()
    if input.paths.count == 1, let file = LoneWeights.path(in: input.paths[0]) {
      input = ModelInput(paths: [file], base: input.base)
    }
    let source = try input.open()
    let location = input.paths.count == 1 ? input.paths[0] : source.location
    let shards = PartialShards(input)
    if let part = (source as? ContainerSource)?.manifest.part, options.layout == nil, options.configuration == nil {
      return ListedCheckpoint(model: .verbatim(source, location), account: OwnNamesAccount(source, at: location, part))
    }
    do {
      // A few shards lack most of the model, which is no fault of theirs.
      if let shards, options.layout == nil, !(source is ContainerSource) {
        return try open(shards, source, at: location, options)
      }
      return ListedCheckpoint(model: try OpenedModel.open(source, at: location, options), account: nil)
    } catch let error as any Diagnosis
      where error.kind != .inputOutput && options.layout == nil && options.configuration == nil
      && !(source is ContainerSource)
    {
      return ListedCheckpoint(
        model: .verbatim(source, location),
        account: OwnNamesAccount(source, at: location, because: error))
    }
  }

  private static func open(
    _ shards: PartialShards, _ source: any CheckpointSource, at location: String,
    _ options: OpeningOptions
  ) throws -> ListedCheckpoint {
    let account: OwnNamesAccount
    if options.configuration != nil {
      let recognised = try naming(location) {
        try RecognitionAccount(source, at: location, options)
      }
      account = OwnNamesAccount(source, at: location, shards, recognised)
    } else {
      account = OwnNamesAccount(
        source, at: location, shards, try? RecognitionAccount(source, at: location, options))
    }
    return ListedCheckpoint(model: .verbatim(source, location), account: account)
  }
}

/// Some shards of a set, without the others.
package struct PartialShards: Hashable, Sendable {
  /// The numbers of the shards, counted from 1.
  package let numbers: [Int]
  /// The number of shards in the set.
  package let count: Int
  /// The path of the folder that they lie in.
  package let folder: String

  /// - Returns: Nil for any other files, and for all shards of a set.
  init?(_ input: ModelInput) {
    let names = input.paths.compactMap { ShardName($0) }
    guard let first = names.first, names.count == input.paths.count,
      names.count < first.family.count
    else { return nil }
    self.numbers = names.map(\.number)
    self.count = first.family.count
    self.folder = FileSystem.folder(of: input.paths[0])
  }
}
