import HymbaFormat
import Synchronization
import TestSupport
import Testing

@testable import HymbaModel

/// A matrix in windows of any size, which notes what is read of it.
private final class WindowedSource: CheckpointSource {
  let location = "windows"
  let tensors: TensorTable
  let files: [SourceFile] = []
  let values: [Float]
  private let windowBytes: Int
  private let readsWholeWindows: Bool
  private let isCompared: Bool
  private let log = Mutex<[Range<Int>]>([])

  init(
    _ rows: Int, _ columns: Int, windowBytes: Int, readsWholeWindows: Bool = false,
    isCompared: Bool = true
  ) throws {
    tensors = try TensorTable([
      TensorDescriptor(name: "m", type: .float32, dimensions: [rows, columns])
    ])
    values = (0..<rows * columns).map { Float($0) }
    self.windowBytes = windowBytes
    self.readsWholeWindows = readsWholeWindows
    self.isCompared = isCompared
  }

  /// What was read since the last call, in the order of the tensor.
  func take() -> [Range<Int>] {
    log.withLock { log in
      defer { log = [] }
      return log.sorted { $0.lowerBound < $1.lowerBound }
    }
  }

  func read(_ tensor: TensorDescriptor, from offset: Int, into buffer: inout MutableRawSpan) throws
  {
    log.withLock { $0.append(offset..<offset + buffer.byteCount) }
    buffer.fill(from: offset) { values[$0].bitPattern }
  }

  func reading(of tensor: TensorDescriptor, _ purpose: ReadingPurpose) throws -> any TensorReading {
    Reading(
      tensor: tensor, windowBytes: windowBytes, readsWholeWindows: readsWholeWindows,
      isCompared: isCompared && purpose == .whole, source: self)
  }

  private struct Reading: TensorReading {
    let tensor: TensorDescriptor
    let windowBytes: Int
    let readsWholeWindows: Bool
    let isCompared: Bool
    let source: WindowedSource

    func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
      try source.read(tensor, from: offset, into: &buffer)
    }
  }
}

@Suite("Rows of a matrix")
struct RowReadingTests {
  private static let rows = 23
  private static let columns = 5

  private func windows(_ bytes: Int) -> [Range<Int>] {
    let all = 4 * Self.rows * Self.columns
    return stride(from: 0, to: all, by: bytes).map { $0..<min($0 + bytes, all) }
  }

  private func row(_ index: Int) -> [Float] {
    (index * Self.columns..<(index + 1) * Self.columns).map { Float($0) }
  }

  @Test(
    "parts of a matrix are its rows, and each window is read once, wherever windows end",
    arguments: [1, 4, 7, 20, 33, 60, 1000], [1, 2, 4, 23, 99])
  func parts(_ windowBytes: Int, _ partRows: Int) throws {
    let source = try WindowedSource(Self.rows, Self.columns, windowBytes: windowBytes)
    for jobs in [1, 2] {
      let reader = ParameterReader(source: source, jobs: jobs)
      let matrix = try reader.rowReading("m", Self.rows, Self.columns)
      let ranges = matrix.rowRanges(atMost: partRows * 4 * Self.columns)
      #expect(ranges.flatMap { Array($0) } == Array(0..<Self.rows))
      #expect(ranges.dropLast().allSatisfy { $0.count == partRows })
      var found: [[Float]] = []
      try reader.forEach(ranges, make: { range, reader in try reader.matrix(matrix, rows: range) })
      {
        range, part in
        #expect(part.rows == range.count && part.columns == Self.columns)
        for index in 0..<range.count { found.append(part.floats(row: index)) }
      }
      #expect(found == (0..<Self.rows).map(row))
      #expect(source.take() == windows(windowBytes), "jobs \(jobs)")
    }
  }

  @Test("a matrix that is read whole is read once", arguments: [7, 20, 1000], [1, 2])
  func whole(_ windowBytes: Int, _ jobs: Int) throws {
    let source = try WindowedSource(Self.rows, Self.columns, windowBytes: windowBytes)
    let matrix = try ParameterReader(source: source, jobs: jobs).matrix(
      "m", Self.rows, Self.columns)
    for index in 0..<Self.rows { #expect(matrix.floats(row: index) == row(index)) }
    #expect(source.take() == windows(windowBytes))
  }

  private static let wanted: Set<Int> = [0, 3, 4, 17, 22]

  private func check(
    _ source: WindowedSource, _ purpose: ReadingPurpose, jobs: Int, _ ranges: [Range<Int>]
  ) throws {
    let found = try ParameterReader(source: source, jobs: jobs)
      .rows(Self.wanted, of: "m", Self.rows, Self.columns, purpose)
    #expect(found.count == Self.wanted.count)
    for index in Self.wanted { #expect(found[index] == row(index)) }
    #expect(source.take() == ranges)
  }

  @Test(
    "of parts exactly the rows are read, and the whole too where nothing would be compared",
    arguments: [7, 20, 1000], [1, 3])
  func exactRows(_ windowBytes: Int, _ jobs: Int) throws {
    let ranges = Self.wanted.sorted().map { 20 * $0..<20 * ($0 + 1) }
    try check(
      WindowedSource(Self.rows, Self.columns, windowBytes: windowBytes), .parts, jobs: jobs, ranges)
    try check(
      WindowedSource(Self.rows, Self.columns, windowBytes: windowBytes, isCompared: false), .whole,
      jobs: jobs, ranges)
  }

  @Test(
    "where only windows can be read, each that holds a row is read once",
    arguments: [7, 20, 33, 1000])
  func wholeWindows(_ windowBytes: Int) throws {
    let source = try WindowedSource(
      Self.rows, Self.columns, windowBytes: windowBytes, readsWholeWindows: true)
    let touched = windows(windowBytes).filter { window in
      Self.wanted.contains { window.overlaps(20 * $0..<20 * ($0 + 1)) }
    }
    for jobs in [1, 3] { try check(source, .parts, jobs: jobs, touched) }
  }

  @Test(
    "rows are picked of a whole that is compared, every window of which is read once",
    arguments: [7, 33, 1000])
  func comparedRows(_ windowBytes: Int) throws {
    let source = try WindowedSource(Self.rows, Self.columns, windowBytes: windowBytes)
    for jobs in [1, 2] { try check(source, .whole, jobs: jobs, windows(windowBytes)) }
  }
}
