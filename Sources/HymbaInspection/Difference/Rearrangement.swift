/// Finds out how lines (rows or columns) were put into another order, from their hashes.
struct Rearrangement {
  private let a: ArraySlice<UInt64>
  private let b: ArraySlice<UInt64>
  /// `rows`, `columns`, or `elements` where a line is one.
  private let noun: String

  /// - Precondition: As many lines on both sides.
  init(_ a: ArraySlice<UInt64>, _ b: ArraySlice<UInt64>, _ noun: String) {
    self.a = a
    self.b = b
    self.noun = noun
  }

  private var count: Int { a.count }
  private func hashA(_ line: Int) -> UInt64 { a[a.startIndex + line] }
  private func hashB(_ line: Int) -> UInt64 { b[b.startIndex + line] }

  /// Whether no line changed its place.
  var isIdentity: Bool { a.elementsEqual(b) }

  /// The lines in another order, as the most specific description that holds; nil where the lines of both sides
  /// are not the same ones.
  func explanation(heads: LogicalParts.Heads?, parts: [LogicalParts.Part] = []) -> Explanation? {
    guard count > 1, !isIdentity, isTelling else { return nil }
    return interleaving(heads) ?? reordered(parts) ?? headOrder(heads) ?? lineOrder
  }

  /// The fewest different elements that have an order by more than chance.
  private static let fewestElements = 6

  /// Whether the lines are different enough for an order of them to say something. A few values that repeat fit
  /// many orders.
  private var isTelling: Bool {
    guard noun == "elements" else { return true }
    let different = Set(a).count
    return different == count || different >= Self.fewestElements
  }

  // MARK: Halves and pairs

  /// Halves of a head as pairs of neighbours, or back. Where the heads are not known, every size of a head that
  /// divides the lines is tried.
  private func interleaving(_ heads: LogicalParts.Heads?) -> Explanation? {
    var sizes: [(head: Int, rotated: Int)] = []
    if let heads, count % heads.size == 0 {
      sizes = [heads.rotated, heads.size].compactMap { $0 }.map { (heads.size, $0) }
    } else if heads == nil {
      sizes = stride(from: 4, through: count, by: 2).filter { count % $0 == 0 }.map { ($0, $0) }
    }
    for (head, rotated) in sizes where rotated >= 4 && rotated % 2 == 0 {
      let half = rotated / 2
      let place = rotated == head ? "heads of \(head)" : "the first \(rotated) of heads of \(head)"
      func isMade(_ origin: (Int) -> Int) -> Bool {
        (0..<count).allSatisfy { line in
          let position = line % head
          return hashB(line)
            == hashA(position < rotated ? line - position + origin(position) : line)
        }
      }
      if isMade({ $0 % 2 * half + $0 / 2 }) {
        return Explanation(.interleave, "\(noun) from halves to pairs, \(place)", exact: true)
      }
      if isMade({ $0 % half * 2 + $0 / half }) {
        return Explanation(.interleave, "\(noun) from pairs to halves, \(place)", exact: true)
      }
    }
    return nil
  }

  // MARK: Parts

  /// The parts of the first side in another order. The parts may have different sizes.
  private func reordered(_ parts: [LogicalParts.Part]) -> Explanation? {
    guard parts.count > 1, let order = order(of: parts, from: 0, chosen: []) else { return nil }
    let moved = parts.indices.filter { order[$0] != $0 }
    let names = order.map { parts[$0].name }
    let detail =
      moved.count == 2
      ? "\(parts[moved[0]].name) and \(parts[moved[1]].name) swapped"
      : "parts in the order \(names.joined(separator: ", "))"
    return Explanation(.parts, detail, exact: true)
  }

  /// The positions of parts that give the lines from `line` on; nil where none do.
  private func order(of parts: [LogicalParts.Part], from line: Int, chosen: [Int]) -> [Int]? {
    if chosen.count == parts.count { return chosen }
    for (index, part) in parts.enumerated() where !chosen.contains(index) {
      let fits = part.rows.enumerated().allSatisfy { hashB(line + $0.offset) == hashA($0.element) }
      if fits,
        let order = order(of: parts, from: line + part.rows.count, chosen: chosen + [index])
      {
        return order
      }
    }
    return nil
  }

  // MARK: Heads and lines

  /// The most heads whose order is spelled out.
  private static let listed = 16

  private func headOrder(_ heads: LogicalParts.Heads?) -> Explanation? {
    guard let size = heads?.size, count % size == 0, count > size else { return nil }
    func blocks(_ hash: (Int) -> UInt64) -> [[UInt64]] {
      stride(from: 0, to: count, by: size).map { first in (first..<first + size).map(hash) }
    }
    let (before, after) = (blocks(hashA), blocks(hashB))
    var positions: [[UInt64]: [Int]] = [:]
    for (index, block) in before.enumerated().reversed() { positions[block, default: []].append(index) }
    var order: [Int] = []
    for block in after {
      guard let position = positions[block]?.popLast() else { return nil }
      order.append(position)
    }
    let list =
      order.count <= Self.listed ? ": \(order.map(String.init).joined(separator: ", "))" : ""
    let place = noun == "columns" ? "heads (columns)" : "heads"
    return Explanation(.permutation, "\(place) in another order\(list)", exact: true)
  }

  private var lineOrder: Explanation? {
    guard a.sorted() == b.sorted() else { return nil }
    let moved = (0..<count).count { hashA($0) != hashB($0) }
    let place = moved == count ? "" : ", \(moved) of \(count) moved"
    let block = blockSize
    let blocks = block > 1 ? ", in blocks of \(block)" : ""
    return Explanation(.permutation, "\(noun) in another order\(blocks)\(place)", exact: true)
  }

  /// The size of the largest equal blocks that stay together; 1 where lines repeat.
  private var blockSize: Int {
    var positions: [UInt64: Int] = [:]
    for line in 0..<count { positions[hashA(line)] = line }
    guard positions.count == count else { return 1 }
    var block = count
    for line in 1..<count {
      guard let position = positions[hashB(line)], let before = positions[hashB(line - 1)] else {
        return 1
      }
      if position != before + 1 { block = Self.divisor(block, line) }
    }
    // A block must also begin at a multiple of its size on the first side.
    for line in stride(from: 0, to: count, by: max(1, block)) {
      block = Self.divisor(block, positions[hashB(line)] ?? 1)
    }
    return block
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
}
