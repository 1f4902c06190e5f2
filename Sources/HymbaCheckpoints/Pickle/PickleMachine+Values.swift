import HymbaFormat

/// The stack and the memo.
extension PickleMachine {
  func problem(_ problem: PickleProblem) -> PyTorchError { .pickle(problem, at: position) }

  func unexpected(_ expected: String, _ found: PickleValue) -> PyTorchError {
    problem(.unexpected(expected, found: found.kind))
  }

  mutating func push(_ value: PickleValue) throws(PyTorchError) {
    guard stack.count < Limits.pickleStack else {
      throw problem(.tooMany("values on its stack", limit: Limits.pickleStack))
    }
    stack.append(value)
  }

  func top() throws(PyTorchError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else { throw problem(.emptyStack) }
    return value
  }

  mutating func pop() throws(PyTorchError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  mutating func popToMark() throws(PyTorchError) -> ArraySlice<PickleValue> {
    guard let mark = marks.popLast() else { throw problem(.noMark) }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values[...]
  }

  mutating func remember(_ index: Int) throws(PyTorchError) {
    memo[index] = try top()
    guard memo.count <= Limits.pickleMemo else {
      throw problem(.tooMany("values in its memo", limit: Limits.pickleMemo))
    }
  }

  mutating func recall(_ index: Int) throws(PyTorchError) {
    guard let value = memo[index] else { throw problem(.noMemo(index)) }
    try push(value)
  }
}

/// Opcodes that push plain values, and opcodes that fill containers.
extension PickleMachine {
  /// Pushes a text. One that is not UTF-8 contains unpaired surrogates, which no name may have, so it becomes
  /// opaque.
  mutating func pushText(_ count: Int) throws(PyTorchError) {
    guard let text = try bytes.text(count) else { return try push(.opaque) }
    try push(objects.add(text))
  }

  /// Pushes a `str` of Python 2, which is bytes or a text. It becomes opaque when it is not UTF-8.
  mutating func pushString(_ count: Int) throws(PyTorchError) {
    let bytes = try bytes.take(count)
    guard let text = String(validating: bytes, as: UTF8.self), !text.hasTooManyMarks else {
      return try push(.opaque)
    }
    try push(objects.add(text))
  }

  mutating func pushBytes(_ count: Int) throws(PyTorchError) {
    _ = try bytes.take(count)
    try push(.opaque)
  }

  /// Pushes an integer that is written as text. `01` and `00` are True and False, which have no opcodes in
  /// protocol 1.
  mutating func pushTextInteger() throws(PyTorchError) {
    switch try bytes.line() {
    case "01": try push(.bool(true))
    case "00": try push(.bool(false))
    case let digits: try push(Int(digits).map { .integer($0) } ?? .opaque)
    }
  }

  /// Pushes a long integer that is written as text, with or without an `L` at its end.
  mutating func pushTextLong() throws(PyTorchError) {
    let digits = try bytes.line()
    try push(Int(digits.hasSuffix("L") ? String(digits.dropLast()) : digits).map { .integer($0) } ?? .opaque)
  }

  /// Pushes a little-endian two's complement integer of `count` bytes. More than 8 bytes cannot be a size of
  /// anything, so they become opaque.
  mutating func pushInteger(of count: Int) throws(PyTorchError) {
    let digits = try bytes.take(count)
    guard digits.count <= 8 else { return try push(.opaque) }
    let isNegative = digits.last.map { $0 >= 0x80 } ?? false
    let value = digits.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) }
    try push(.integer(value))
  }

  mutating func pushTuple(of count: Int) throws(PyTorchError) {
    var values: [PickleValue] = []
    for _ in 0..<count { values.append(try pop()) }
    try push(objects.addTuple(values.reversed()))
  }

  mutating func append(_ values: ArraySlice<PickleValue>) throws(PyTorchError) {
    switch try top() {
    case .list(let list): objects.append(values, toList: list)
    case .object(let object): objects.append(values, toObject: object)
    case let other: throw unexpected("a list", other)
    }
  }

  mutating func addItems(_ values: ArraySlice<PickleValue>) throws(PyTorchError) {
    guard case .object(let object) = try top() else { throw unexpected("a set", try top()) }
    objects.append(values, toObject: object)
  }

  mutating func setItems(_ values: ArraySlice<PickleValue>) throws(PyTorchError) {
    guard values.count.isMultiple(of: 2) else {
      throw problem(.unexpected("keys with values", found: "a key without one"))
    }
    switch try top() {
    case .dictionary(let dictionary): objects.append(values, toDictionary: dictionary)
    case .object(let object): objects.append(values, toItemsOf: object)
    case let other: throw unexpected("a dictionary", other)
    }
  }
}
