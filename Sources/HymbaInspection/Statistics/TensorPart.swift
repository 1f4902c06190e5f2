import HymbaFormat
package import HymbaModel

/// A part of a parameter in which an original fuses several: rows of a projection, or channels of a convolution.
package struct TensorPart: Hashable, Sendable {
  /// The name of the part in the papers: `q`, `x`, `z`, `B`, `C` or `dt`.
  package let name: String
  /// The elements of the part, in rising order.
  package let elements: [Range<Int>]

  /// The parts of a parameter; none where it is not fused.
  package static func parts(of parameter: Parameter, in architecture: Architecture) -> [TensorPart] {
    let words = parameter.name.split(separator: ".").map(String.init)
    if parameter.name.hasSuffix(".adapter.ffn.up.weight"), let rows = parameter.shape.dimensions.first {
      return parts([("gate", rows / 2), ("up", rows / 2)], of: parameter)
    }
    guard words.count >= 4, words[0] == "layers", words[2] == "mamba", let layer = Int(words[1]),
      architecture.layers.indices.contains(layer),
      let stateSpace = architecture.layers[layer].stateSpace
    else { return [] }
    switch (words[3], stateSpace) {
    case ("in_proj", .mamba(let mamba)):
      return parts([("x", mamba.innerSize), ("z", mamba.innerSize)], of: parameter)
    case ("x_proj", .mamba(let mamba)):
      return parts(
        [("dt", mamba.rank), ("B", mamba.stateSize), ("C", mamba.stateSize)], of: parameter,
        times: mamba.heads)
    case ("in_proj", .mamba2(let mamba)):
      return parts(
        [("z", mamba.innerSize)] + convolved(mamba) + [("dt", mamba.heads)], of: parameter)
    case ("conv1d", .mamba2(let mamba)): return parts(convolved(mamba), of: parameter)
    default: return []
    }
  }

  private static func convolved(_ mamba: Architecture.Mamba2) -> [(String, Int)] {
    let width = mamba.groups * mamba.stateSize
    return [("x", mamba.innerSize), ("B", width), ("C", width)]
  }

  /// - Parameter repetitions: How often the parts follow one another.
  private static func parts(
    _ rows: [(name: String, count: Int)], of parameter: Parameter, times repetitions: Int = 1
  ) -> [TensorPart] {
    let all = rows.reduce(0) { $0 + $1.count } * repetitions
    guard all > 0, parameter.shape.dimensions.first == all else { return [] }
    let columns = parameter.shape.elementCount / all
    var elements = [[Range<Int>]](repeating: [], count: rows.count)
    var start = 0
    for _ in 0..<repetitions {
      for (position, part) in rows.enumerated() {
        elements[position].append(start..<start + part.count * columns)
        start += part.count * columns
      }
    }
    return zip(rows, elements).map { TensorPart(name: $0.name, elements: $1) }
  }
}
