package import HymbaFormat
package import HymbaModel

/// A checkpoint of a known family that is no complete model: the tensors that become parameters under our names,
/// and the others under their own. So it can be compared with a whole model of another layout.
package struct FittingParameters: Sendable {
  package let location: String
  package let parameters: any CheckpointSource
  package let architecture: Architecture
  /// The name of the layout.
  package let layout: String
  /// Which tensors of the checkpoint become which parameters.
  package let mapping: [TensorMapping]

  /// Opens a checkpoint as far as its tensors fit. No tensor data is read.
  /// - Throws: As ``OpenedModel/open(_:_:)``, but for the errors of the account of tensors.
  package init(_ input: ModelInput, _ options: OpeningOptions) throws {
    let input = try input.located()
    let source = try input.open()
    let location = input.paths.count == 1 ? input.paths[0] : source.location
    (self.location, self.parameters, self.architecture, self.layout, self.mapping) = try naming(
      location
    ) {
      let recognised = try RecognisedCheckpoint(closest: source, location, options)
      let moves = recognised.plan.moves.compactMap { move -> Move? in
        guard move.sources.allSatisfy({ source.tensors[$0] != nil }) else { return nil }
        if (try? MappedSource(source, moves: [move], carried: [])) != nil { return move }
        // A tensor of another shape has its name at least. One that already has the parameter's shape is in
        // another order than the layout says, and is not to be taken for the parameter.
        guard move.sources.count == 1, move.targets.count == 1,
          source.tensors[move.sources[0]]?.shape != recognised.inventory[move.targets[0]]?.shape
        else { return nil }
        return Move(sources: move.sources, targets: move.targets, steps: [])
      }
      let read = Set(moves.flatMap(\.sources))
      let rest = source.tensors.map(\.name).filter { !read.contains($0) }
      return (
        location, try ComputedSource.undoing(moves, in: MappedSource(source, moves: moves, carried: rest)),
        recognised.found.architecture, recognised.match.layout.name,
        moves.map { TensorMapping($0, in: source.tensors) }
      )
    }
  }
}
