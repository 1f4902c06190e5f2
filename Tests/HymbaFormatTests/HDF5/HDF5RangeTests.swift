import TestSupport
import Testing

@testable import HymbaFormat

@Suite("Ranges of HDF5 datasets")
struct HDF5RangeTests {
  @Test(
    "any range of bytes is that part of the whole, at odd offsets too",
    arguments: HDF5Fixture.types + ["szip.h5"])
  func ranges(_ name: String) throws {
    let source = try HDF5Source(HDF5Fixture.path(name))
    let expected = try SafetensorsSource(HDF5Fixture.path("types.safetensors"))
    var random = Random(7)
    for tensor in source.tensors {
      let whole = try expected.bytes(of: #require(expected.tensors[tensor.name]))
      var ranges = [0..<whole.count, whole.count..<whole.count]
      for _ in 0..<12 where !whole.isEmpty {
        let start = random.next(below: whole.count)
        ranges.append(start..<start + random.next(below: whole.count - start + 1))
      }
      for range in ranges {
        #expect(
          try source.bytes(of: tensor, range) == Array(whole[range]), "\(tensor.name) \(range)")
      }
    }
  }

  @Test("a range outside the tensor is refused, as is a tensor of another file")
  func outside() throws {
    let source = try HDF5Source(HDF5Fixture.path("keras3.weights.h5"))
    let tensor = try #require(source.tensors["layers.dense.vars.0"])
    #expect(
      message { _ = try source.bytes(of: tensor, 20..<25) }
        == "bytes 20..<25 were asked of “layers.dense.vars.0”, which has 24")
    let other = try TensorDescriptor(name: "x", type: .float32, dimensions: [2])
    #expect(message { _ = try source.bytes(of: other) } == "there is no tensor “x”")
  }

  @Test("threads that read several tensors at once each get their own bytes")
  func threads() throws {
    let source = try HDF5Source(HDF5Fixture.path("types-tiles.h5"))
    let second = try HDF5Source(HDF5Fixture.path("types-gzip.h5"))
    let expected = try SafetensorsSource(HDF5Fixture.path("types.safetensors"))
    let tensors = Array(expected.tensors)
    let agree = try Parallel.map(count: 400, jobs: 8) { index in
      let tensor = tensors[index % tensors.count]
      let source = index.isMultiple(of: 3) ? second : source
      return try source.bytes(of: tensor) == expected.bytes(of: tensor)
    }
    #expect(agree.allSatisfy { $0 })
  }

  @Test(
    "blocks of a shape cover a range exactly once, in order",
    arguments: [[], [1], [7], [4, 5], [2, 3, 4], [1, 6, 1, 2], [3, 1, 1], [2, 2, 2, 2, 2]])
  func blocks(_ dimensions: [Int]) throws {
    let shape = try Shape(dimensions)
    for lower in 0...shape.elementCount {
      for upper in lower...shape.elementCount {
        let blocks = shape.blocks(lower..<upper)
        #expect(blocks.flatMap { elements(of: $0, in: dimensions) } == Array(lower..<upper))
        #expect(blocks.count <= max(1, 2 * dimensions.count))
      }
    }
  }

  @Test("a shape without elements has no blocks")
  func noBlocks() throws {
    #expect(try Shape([3, 0, 2]).blocks(0..<0) == [])
  }

  /// The flat positions of a block's elements, one dimension after the other.
  private func elements(of block: ShapeBlock, in dimensions: [Int]) -> [Int] {
    dimensions.indices.reduce([0]) { positions, axis in
      positions.flatMap { position in
        (block.start[axis]..<block.start[axis] + block.count[axis]).map {
          position * dimensions[axis] + $0
        }
      }
    }
  }
}
