import TestSupport
import Testing

@testable import HymbaModel

#if canImport(Glibc)
  import Glibc
#endif

@Suite("The scan of Mamba-2 against its recurrence in float64")
struct DualScanTests {
  @Test(
    "chunks, remainders and single steps, with one group of heads or several",
    arguments: [1, 2, 8, 9, 63, 64, 65, 150], [(4, 1), (6, 3), (3, 3)])
  func lengths(length: Int, shape: (heads: Int, groups: Int)) {
    let scan = Scan(length: length, heads: shape.heads, groups: shape.groups)
    let expected = scan.expected()
    let got = scan.run()
    #expect(error(got.y, expected.y) < 1e-6)
    #expect(error(got.state, expected.state) < 1e-6)
  }

  @Test("sizes of a real model at a length at which sums lose digits")
  func realisticSizes() {
    let scan = Scan(batch: 1, length: 300, heads: 2, headSize: 64, groups: 1, states: 128)
    let expected = scan.expected()
    let got = scan.run()
    #expect(error(got.y, expected.y) < 2e-6)
    #expect(error(got.state, expected.state) < 2e-6)
  }

  @Test(
    "a state that is continued gives what the whole gives",
    arguments: [[1], [7, 8, 9], [64], [63, 128], [100, 101], Array(1..<150)])
  func continued(splits: [Int]) {
    let scan = Scan(length: 150)
    let expected = scan.expected()
    let got = scan.run(splits: splits)
    #expect(error(got.y, expected.y) < 1e-6)
    #expect(error(got.state, expected.state) < 1e-6)
  }

  @Test(
    "decays that leave nothing, between positions that keep nearly all", arguments: [1, 2, 20, 150])
  func strongDecay(every period: Int) {
    var scan = Scan(length: 150)
    scan.a = scan.a.map { $0 * 50 }
    for row in 0..<scan.rows {
      for head in 0..<scan.heads {
        scan.delta[row * scan.heads + head] *= row % period == 0 ? 30 : 0.01
      }
    }
    let expected = scan.expected()
    let got = scan.run()
    #expect(error(got.y, expected.y) < 1e-6)
    #expect(error(got.state, expected.state) < 1e-6)
    #expect(error(scan.run(splits: Array(1..<150)).y, expected.y) < 1e-6)
  }

  @Test("an infinite decay leaves each position its own input", arguments: [8, 150])
  func infiniteDecay(length: Int) {
    var scan = Scan(length: length)
    scan.a[1] = -.infinity
    let expected = scan.expected()
    let got = scan.run()
    #expect(error(got.y, expected.y) < 1e-6)
    #expect(error(got.state, expected.state) < 1e-6)
  }

  @Test("threads change no bit", arguments: [(1, 1), (6, 1), (6, 2), (5, 5)])
  func threads(heads: Int, groups: Int) {
    let scan = Scan(length: 150, heads: heads, groups: groups, states: 24)
    let one = scan.run(jobs: 1)
    for jobs in [2, 3, 16] {
      let several = scan.run(jobs: jobs)
      #expect(one.y == several.y && one.state == several.state)
    }
  }

  @Test(
    "earlier positions keep every bit when later ones change or are no numbers",
    arguments: [1, 5, 63, 64, 70, 149], [Float(0.7), .nan, .infinity])
  func causality(position: Int, value: Float) {
    let scan = Scan(batch: 1, length: 150)
    var changed = scan
    func change(_ values: inout [Float], _ columns: Int) {
      for index in position * columns..<values.count { values[index] = value }
    }
    change(&changed.x, scan.channels)
    change(&changed.delta, scan.heads)
    change(&changed.b, scan.groups * scan.states)
    change(&changed.c, scan.groups * scan.states)
    let before = position * scan.channels
    let (got, expected) = (changed.run().y, scan.run().y)
    #expect(got[..<before] == expected[..<before])
    #expect(got[before...] != expected[before...])
  }

  @Test("NaN spreads to later positions, in the channels that it reaches", arguments: [3, 70])
  func nan(position: Int) {
    let scan = Scan(batch: 1, length: 150)
    let sound = scan.run().y
    var (input, step) = (scan, scan)
    input.x[position * scan.channels + scan.headSize + 2] = .nan
    step.delta[position * scan.heads + 1] = .nan
    let (fromInput, fromStep) = (input.run().y, step.run().y)
    func isInHead(_ index: Int) -> Bool {
      index / scan.channels >= position && index % scan.channels / scan.headSize == 1
    }
    func isInChannel(_ index: Int) -> Bool {
      isInHead(index) && index % scan.headSize == 2
    }
    #expect(sound.indices.allSatisfy { fromStep[$0].isNaN == isInHead($0) })
    #expect(sound.indices.allSatisfy { fromInput[$0].isNaN == isInChannel($0) })
    #expect(sound.indices.allSatisfy { isInHead($0) || fromStep[$0] == sound[$0] })
    #expect(sound.indices.allSatisfy { isInChannel($0) || fromInput[$0] == sound[$0] })
  }
}

/// A scan with seeded numbers of the size that trained models have, unless a test changes them.
private struct Scan {
  let batch: Int
  let length: Int
  let heads: Int
  let headSize: Int
  let groups: Int
  let states: Int
  var a: [Float]  // [heads]
  let d: [Float]  // [heads]
  var x: [Float]  // [rows, channels]
  var delta: [Float]  // [rows, heads]
  var b: [Float]  // [rows, groups * states]
  var c: [Float]  // [rows, groups * states]

  var rows: Int { batch * length }
  var channels: Int { heads * headSize }

  /// - Parameter headSize: By default one that leaves a rest in every kernel.
  init(
    batch: Int = 2, length: Int, heads: Int = 4, headSize: Int = 35, groups: Int = 2,
    states: Int = 5
  ) {
    self.batch = batch
    self.length = length
    self.heads = heads
    self.headSize = headSize
    self.groups = groups
    self.states = states
    let rows = batch * length
    // Decays from 1 to 16 and steps from 0.001 to 0.1, as models are initialised.
    a = noise(heads, seed: 1).map { -exp(($0 + 1) * 1.386) }
    d = noise(heads, seed: 2).map { $0 + 1 }
    x = noise(rows * heads * headSize, seed: 3)
    delta = noise(rows * heads, seed: 4).map { exp(($0 - 1) * 2.3 - 2.3) }
    b = noise(rows * groups * states, seed: 5)
    c = noise(rows * groups * states, seed: 6)
  }

  /// The recurrence, one position after the other, from an empty state.
  ///
  /// - Returns: y, [rows, channels], and the state, [batch, channels, states].
  func expected() -> (y: [Double], state: [Double]) {
    var y: [Double] = []
    var state = [Double](repeating: 0, count: batch * channels * states)
    for row in 0..<rows {
      for head in 0..<heads {
        let step = Double(delta[row * heads + head])
        let decay = exp(step * Double(a[head]))
        let selection = (row * groups + head / (heads / groups)) * states
        for channel in head * headSize..<(head + 1) * headSize {
          let input = Double(x[row * channels + channel])
          var sum = Double(d[head]) * input
          for s in 0..<states {
            let index = (row / length * channels + channel) * states + s
            state[index] = decay * state[index] + step * input * Double(b[selection + s])
            sum += Double(c[selection + s]) * state[index]
          }
          y.append(sum)
        }
      }
    }
    return (y, state)
  }

  /// What the library computes, in parts that begin at the positions `splits`.
  func run(jobs: Int = 1, splits: [Int] = []) -> (y: [Float], state: [Float]) {
    BLAS.setThreads(1)
    let scan = DualScan(
      heads: heads, headSize: headSize, groups: groups, states: states, a: a, d: d, jobs: jobs)
    var state = scan.emptyState(batch: batch)
    var y = Matrix(rows: rows, columns: channels)
    for (start, end) in zip([0] + splits, splits + [length]) {
      func part(_ values: [Float]) -> Matrix {
        let columns = values.count / rows
        return Matrix(
          rows: batch * (end - start), columns: columns,
          values: (0..<batch).flatMap {
            values[($0 * length + start) * columns..<($0 * length + end) * columns]
          })
      }
      let results = scan(
        part(x), delta: part(delta), b: part(b), c: part(c), batch: batch, length: end - start,
        state: &state)
      for sequence in 0..<batch {
        y.replaceColumns(
          from: 0, row: sequence * length + start,
          with: results.rows(sequence * (end - start)..<(sequence + 1) * (end - start)))
      }
    }
    return (y.values, state)
  }
}

/// Seeded numbers in [-1, 1).
private func noise(_ count: Int, seed: UInt64) -> [Float] {
  var generator = SplitMix64(seed: seed)
  return (0..<count).map { _ in SplitMix64.unit(generator.next()) }
}

/// The largest difference, relative to the largest expected magnitude. NaN counts as infinitely wrong.
private func error(_ got: [Float], _ expected: [Double]) -> Double {
  let largest = expected.reduce(0) { max($0, abs($1)) }
  return zip(got, expected).reduce(0) {
    let difference = abs(Double($1.0) - $1.1)
    return max($0, difference.isNaN ? .infinity : difference)
  } / largest
}
