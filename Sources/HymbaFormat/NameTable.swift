/// A name as files have it: two are one when their bytes are the same.
///
/// `==` on strings takes canonical equivalents for one (é, and e with an accent behind it), which no other
/// program that reads these files does; two tensors would become one. It also sorts each run of combining
/// marks first.
package struct NameKey: Hashable, Sendable {
  package let name: String

  package init(_ name: String) { self.name = name }

  package static func == (a: NameKey, b: NameKey) -> Bool { a.name.utf8.elementsEqual(b.name.utf8) }

  package func hash(into hasher: inout Hasher) {
    // The bytes of the string itself, for the time of the call.
    let isHashed: Void? = unsafe name.utf8.withContiguousStorageIfAvailable {
      unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isHashed == nil { for byte in name.utf8 { hasher.combine(byte) } }
  }
}

/// Values by names, in no order, which are compared by their bytes.
public struct NameTable<Value> {
  private var values: [NameKey: Value]

  public init(minimumCapacity: Int = 0) {
    values = [NameKey: Value](minimumCapacity: minimumCapacity)
  }

  /// Of a name that comes twice the first value is kept.
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

  /// Adds a value unless there is one of this name.
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

  /// Sorted by the bytes of the names.
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
