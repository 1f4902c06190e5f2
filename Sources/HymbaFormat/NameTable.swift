#if canImport(Glibc)
  import Glibc
#endif

/// A name that is compared by its UTF-8 bytes.
///
/// `==` on strings treats canonical equivalents as equal: é as one character, and e followed by an accent. No
/// other program that reads these files does that, and two tensors would become one. `==` also sorts each run
/// of combining marks first.
package struct NameKey: Hashable, Sendable {
  package let name: String

  package init(_ name: String) { self.name = name }

  package static func == (a: NameKey, b: NameKey) -> Bool {
    guard a.name.utf8.count == b.name.utf8.count else { return false }
    // The pointers to the strings' own bytes are used only during these calls, and both have as many bytes.
    let isEqual: Bool?? = unsafe a.name.utf8.withContiguousStorageIfAvailable { one in
      unsafe b.name.utf8.withContiguousStorageIfAvailable { other in
        guard let one = one.baseAddress, let second = other.baseAddress else { return true }
        return unsafe memcmp(one, second, other.count) == 0
      }
    }
    return isEqual.flatMap { $0 } ?? a.name.utf8.elementsEqual(b.name.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    // The pointer to the string's own bytes is used only during this call.
    let isHashed: Void? = unsafe name.utf8.withContiguousStorageIfAvailable {
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isHashed == nil { for byte in name.utf8 { hasher.combine(byte) } }
  }
}

/// A dictionary from names to values, in no order. Names are compared by their UTF-8 bytes.
public struct NameTable<Value> {
  private var values: [NameKey: Value]

  public init(minimumCapacity: Int = 0) {
    values = [NameKey: Value](minimumCapacity: minimumCapacity)
  }

  /// Makes a table of pairs. When a name comes twice, its first value is kept.
  public init(_ pairs: some Sequence<(key: String, value: Value)>) {
    self.init()
    for (name, value) in pairs { insert(value, for: name) }
  }

  public subscript(name: String) -> Value? {
    get { values[NameKey(name)] }
    set { values[NameKey(name)] = newValue }
  }

  public subscript(name: String, default value: @autoclosure () -> Value) -> Value {
    get { values[NameKey(name), default: value()] }
    _modify { yield &values[NameKey(name), default: value()] }
  }

  /// Adds a value, unless the name has one already.
  /// - Returns: Whether it was added.
  @discardableResult
  public mutating func insert(_ value: Value, for name: String) -> Bool {
    let key = NameKey(name)
    guard values[key] == nil else { return false }
    values[key] = value
    return true
  }

  public var count: Int { values.count }
  public var isEmpty: Bool { values.isEmpty }
  public var keys: [String] { values.keys.map(\.name) }

  /// The pairs, sorted by the UTF-8 bytes of the names.
  /// - Complexity: Sorts at each call.
  public var sorted: [(key: String, value: Value)] {
    map { $0 }.sorted { $0.key.utf8Precedes($1.key) }
  }
}

extension NameTable: Sequence {
  public struct Iterator: IteratorProtocol {
    fileprivate var base: [NameKey: Value].Iterator

    public mutating func next() -> (key: String, value: Value)? {
      base.next().map { (key: $0.key.name, value: $0.value) }
    }
  }

  public func makeIterator() -> Iterator { Iterator(base: values.makeIterator()) }
}

extension NameTable: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, Value)...) {
    self.init(elements.lazy.map { (key: $0.0, value: $0.1) })
  }
}

extension NameTable: Sendable where Value: Sendable {}
extension NameTable: Equatable where Value: Equatable {}
extension NameTable: Hashable where Value: Hashable {}
