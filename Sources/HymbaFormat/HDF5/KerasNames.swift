#if HDF5
import HDF5

/// The names of the weights in a file of Keras 2, written by `model.save_weights("x.h5")` or by
/// `model.save("x.h5")`, which puts them into the group `/model_weights`. The attribute `layer_names` lists the
/// layers, and the attribute `weight_names` of a layer's group lists its weights.
///
/// The dataset `/dense/dense/kernel:0` becomes `dense.kernel`: the weight's name with dots, without the `:0` of
/// TensorFlow. The layer's name is put in front where the weight's own name does not contain it.
struct KerasNames {
  /// The attribute with the names of the layers.
  static let layers = "layer_names"
  private static let weights = "weight_names"
  /// The beginnings of the names of all attributes that are read here.
  static let lists = [layers, weights]

  /// The path and the tensor name of each dataset, in the order of the file's lists.
  private(set) var names: [(path: String, name: String)] = []
  /// Whether the layers are at the root of the file.
  let areAtRoot: Bool

  /// - Returns: nil for a file that Keras 2 did not write.
  /// - Throws: ``FormatError/hdf5(_:)`` when the attributes and the datasets do not agree.
  init?(
    _ groups: NameTable<UInt64>, _ contents: HDF5Contents, _ texts: HDF5Texts
  ) throws(FormatError) {
    let root = groups["/model_weights"] != nil ? "/model_weights" : ""
    self.areAtRoot = root.isEmpty
    guard let layers = try Self.list(Self.layers, root.isEmpty ? "/" : root, groups, texts) else {
      return nil
    }
    let others = Set(contents.others.map(NameKey.init))
    var unnamed = Set(contents.tensors.map { NameKey($0.path) })
    let tensors = unnamed
    // Weights that belong to no layer.
    let extra = "top_level_model_weights"
    let hasExtra = groups[root + "/" + extra] != nil && !layers.contains(extra)
    var seen: Set<NameKey> = []
    for layer in layers + (hasExtra ? [extra] : []) {
      // A layer that is listed twice is refused: its weights would be read again each time.
      guard seen.insert(NameKey(layer)).inserted else { throw .hdf5(.kerasTwice(layer)) }
      let group = root + "/" + layer
      guard groups[group] != nil,
        let weights = try Self.list(Self.weights, group, groups, texts)
      else { throw .hdf5(.kerasMissing(layer: layer, weight: nil)) }
      for weight in weights {
        let path = group + "/" + weight
        // To Keras, the words of a vocabulary are weights, too. They are no tensors.
        guard !others.contains(NameKey(path)) else { continue }
        guard tensors.contains(NameKey(path)) else {
          throw .hdf5(.kerasMissing(layer: layer, weight: weight))
        }
        guard unnamed.remove(NameKey(path)) != nil else { throw .hdf5(.kerasTwice(path)) }
        names.append((path, Self.name(weight, of: layer == extra ? "" : layer)))
      }
    }
    for tensor in contents.tensors where unnamed.contains(NameKey(tensor.path)) {
      throw .hdf5(.kerasUnnamed(path: tensor.path))
    }
  }

  static func name(_ weight: String, of layer: String) -> String {
    var path = weight.hasSuffix(":0") ? String(weight.dropLast(2)) : weight
    if !layer.isEmpty, !("/" + path).contains("/" + layer + "/") { path = layer + "/" + path }
    return path.dotted
  }

  /// A list of names; nil when there is none. A list that is too long for one attribute is split over `name0`,
  /// `name1`, ….
  private static func list(
    _ name: String, _ group: String, _ groups: NameTable<UInt64>, _ texts: HDF5Texts
  ) throws(FormatError) -> [String]? {
    guard let address = groups[group] else { return nil }
    let header = try texts.header(at: address)
    if let whole = try texts.list(name, of: header, at: group) { return whole }
    var parts: [String]?
    var bytes = 0
    var number = 0
    while let part = try texts.list("\(name)\(number)", of: header, at: group) {
      bytes += part.reduce(0) { $0 + $1.utf8.count }
      guard bytes <= Limits.hdf5NamesBytes else {
        throw .hdf5(.attributeElsewhere("\(name)\(number)", path: group))
      }
      parts = (parts ?? []) + part
      number += 1
    }
    return parts
  }
}
#endif
