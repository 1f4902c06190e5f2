import HymbaFormat
import Testing

@testable import HymbaCheckpoints

@Suite struct SpoolTests {
  private static let streams = [
    SeededNumbers(seed: 3).bytes(3_000_000), SeededNumbers(seed: 4).bytes(10), [],
  ]

  private func copy(_ number: Int, to spool: Spool, asked: inout [Int]) throws {
    let stream = Self.streams[number]
    var offsets: [Int] = []
    try spool.copy(number, byteCount: stream.count) { offset, window in
      offsets.append(offset)
      for index in 0..<window.byteCount {
        window.storeBytes(of: stream[offset + index], toByteOffset: index, as: UInt8.self)
      }
    }
    asked += offsets
  }

  @Test("a stream may be started as often as its limit says, each stream for itself")
  func starts() {
    let spool = Spool()
    for _ in 0..<Limits.streamStarts { #expect(spool.mayStart(0)) }
    #expect(!spool.mayStart(0))
    #expect(!spool.mayStart(0))
    #expect(spool.mayStart(1))
  }

  @Test("every range of a copied stream is read, and each stream is asked for its bytes once")
  func copies() throws {
    let spool = Spool()
    var asked: [Int] = []
    for _ in 0..<2 {
      for number in Self.streams.indices { try copy(number, to: spool, asked: &asked) }
    }
    #expect(asked == [0, 1 << 20, 2 << 20, 0])
    for (number, range) in [(0, 0..<3_000_000), (0, 2_999_990..<3_000_000), (1, 2..<9), (2, 0..<0)]
    {
      var isRead = false
      let bytes = try [UInt8](count: range.count) {
        isRead = try spool.read(number, at: range.lowerBound, into: &$0)
      }
      #expect(isRead)
      #expect(bytes == Array(Self.streams[number][range]))
    }
  }

  @Test("a stream without a copy is not read")
  func noCopy() throws {
    var bytes: [UInt8] = [0]
    var isRead = true
    try bytes.withMutableBytes(0..<1) { isRead = try Spool().read(0, at: 0, into: &$0) }
    #expect(!isRead)
  }

  @Test("a copy that failed fails again without reading the stream again")
  func failure() {
    let spool = Spool()
    var calls = 0
    for _ in 0..<3 {
      #expect(throws: ZipError.noEntries) {
        try spool.copy(0, byteCount: 5) { _, _ in
          calls += 1
          throw ZipError.noEntries
        }
      }
      #expect(throws: ZipError.noEntries) {
        _ = try [UInt8](count: 1) { _ = try spool.read(0, at: 0, into: &$0) }
      }
    }
    #expect(calls == 1)
  }

  @Test("a folder that cannot hold a temporary file is named with the way out")
  func noFolder() {
    #expect(
      refusal { _ = try ScratchFile(in: "/dev/null/none") }
        == "/dev/null/none: cannot be written: Not a directory (a temporary file with inflated data); name another folder in TMPDIR"
    )
  }
}
