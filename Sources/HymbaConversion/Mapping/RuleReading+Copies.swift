import HymbaFormat
import HymbaModel

/// A tensor that layers share. A checkpoint may hold it under any of several layers, or under several at once.
struct SharedTensor {
  /// The parameters that it becomes, in a model that has them.
  let targets: [String]
  /// The sizes that the steps of its rule may name.
  let sizes: [String: Int]
  /// The layers that may hold a copy, each with the layout's name of that copy.
  let places: [(layer: Int, name: String)]
  /// The position among ``places`` of the only copy that the original library writes.
  let usual: Int
}

extension RuleReading {
  /// The tensors that a rule with copies reads: one for each block or layer that it applies to, or a single one.
  /// Tensors of which the model has no parameter, or for which it has no place, are left out.
  var sharedTensors: [SharedTensor] {
    get throws(ConversionError) {
      let tensors = has("host", from) ? try tensorsOfBlocks : [try tensorOfLayers]
      return tensors.filter { tensor in
        !tensor.places.isEmpty && tensor.targets.allSatisfy { inventory[$0] != nil }
      }
    }
  }

  /// The tensors of a rule with `{host}`. Each lies under the layers that use the same block.
  private var tensorsOfBlocks: [SharedTensor] {
    get throws(ConversionError) {
      let uses = architecture.sharedUses
      var tensors: [SharedTensor] = []
      // The first uses stand for their blocks.
      for use in uses where has("layer", to) || use.use == use.block {
        var values = ["layer": use.layer, "use": use.use, "block": use.block]
        let sizes = architecture.sizes(layer: use.layer)
        guard try holds(values, sizes) else { continue }
        let targets = Self.expand(to, values, sizes)
        let places = uses.filter { $0.block == use.block }.compactMap { host in
          values["host"] = host.layer
          return from[0].expanded(values).map { (host.layer, $0) }
        }
        // Version 5 of transformers leaves the copy of the first layer.
        tensors.append(SharedTensor(targets: targets, sizes: sizes, places: places, usual: 0))
      }
      return tensors
    }
  }

  /// The tensor of a rule with `{layer}` on its source only. It lies under the layers for which the rule holds.
  private var tensorOfLayers: SharedTensor {
    get throws(ConversionError) {
      var places: [(layer: Int, name: String)] = []
      for layer in architecture.layers.indices
      where try holds(["layer": layer], architecture.sizes(layer: layer)) {
        if let name = from[0].expanded(["layer": layer]) { places.append((layer, name)) }
      }
      // Version 4 of transformers leaves the copy with the last name.
      let last = places.indices.max { places[$0].name.utf8Precedes(places[$1].name) }
      let sizes = architecture.sizes(layer: nil)
      return SharedTensor(
        targets: Self.expand(to, [:], sizes), sizes: sizes, places: places, usual: last ?? 0)
    }
  }

  /// The move that reads the copies of a tensor under these layers. Where `layers` has none of its places, the
  /// move reads the usual copy.
  ///
  /// - Returns: The move, and the layers that it reads.
  /// - Throws: ``ConversionError/layoutInvalid(_:)``.
  func move(
    _ tensor: SharedTensor, copiesAt layers: Set<Int>
  ) throws(ConversionError) -> (move: Move, layers: [Int]) {
    let present = tensor.places.filter { layers.contains($0.layer) }
    let used = present.isEmpty ? [tensor.places[tensor.usual]] : present
    return (try move(used.map(\.name), tensor.targets, tensor.sizes), used.map(\.layer))
  }
}
