import HymbaFormat

/// Executes a pickle as far as a state dict needs it: containers, numbers, texts, storages and tensors.
///
/// Nothing is imported or called. A class or function that ``KnownGlobal`` does not have makes an object that
/// only keeps its name and arguments. A tensor that depends on such an object is not read.
struct PickleMachine {
  var objects = PickleObjects()
  var bytes: PickleBytes
  var stack: [PickleValue] = []
  /// Heights of the stack at which marks were set.
  var marks: [Int] = []
  var memo: [Int: PickleValue] = [:]
  private var operations = 0
  /// Pairs that were copied from lists into dictionaries.
  var copiedPairs = 0
  /// Position of the opcode that is being executed.
  private(set) var position = 0

  init(_ bytes: [UInt8], from index: Int = 0) { self.bytes = PickleBytes(bytes, from: index) }

  /// Position after the pickle that was run.
  var end: Int { bytes.index }

  /// Runs one pickle up to its end.
  /// - Returns: The value that the pickle makes.
  /// - Throws: ``PyTorchError/pickle(_:at:)``.
  mutating func run() throws(PyTorchError) -> PickleValue {
    while true {
      position = bytes.index
      operations += 1
      guard operations <= Limits.pickleOperations else {
        throw problem(.tooMany("opcodes", limit: Limits.pickleOperations))
      }
      let code = try bytes.byte()
      guard let opcode = PickleOpcode(rawValue: code) else {
        throw problem(PickleOpcode.isOfProtocol0(code) ? .protocol0 : .forbiddenOpcode(code))
      }
      if opcode == .stop { return try pop() }
      try perform(opcode)
      guard objects.count <= Limits.pickleObjects else {
        throw problem(.tooMany("objects", limit: Limits.pickleObjects))
      }
    }
  }

  /// Checks that no bytes are left.
  func finish() throws(PyTorchError) {
    guard bytes.left == 0 else {
      throw .pickle(.trailingBytes(bytes.left), at: bytes.index)
    }
  }

  private mutating func perform(_ opcode: PickleOpcode) throws(PyTorchError) {
    switch opcode {
    case .proto:
      let version = try bytes.byte()
      guard (2...5).contains(version) else { throw problem(.unknownProtocol(version)) }
    case .frame: _ = try bytes.take(8)
    case .stop: break

    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt1: try push(.integer(Int(try bytes.unsigned(1))))
    case .binInt2: try push(.integer(Int(try bytes.unsigned(2))))
    case .binInt:
      try push(.integer(Int(Int32(truncatingIfNeeded: try bytes.unsigned(4)))))
    case .textInteger: try pushTextInteger()
    case .textLong: try pushTextLong()
    case .long1: try pushInteger(of: bytes.length(1))
    case .long4: try pushInteger(of: bytes.length(4))
    case .binFloat:
      let bits = UInt64(bigEndian: try bytes.unsigned(8))
      try push(.float(Double(bitPattern: bits)))
    case .shortBinUnicode: try pushText(bytes.length(1))
    case .binUnicode: try pushText(bytes.length(4))
    case .binUnicode8: try pushText(bytes.length(8))
    case .shortBinString: try pushString(bytes.length(1))
    case .binString: try pushString(bytes.length(4))
    case .shortBinBytes: try pushBytes(bytes.length(1))
    case .binBytes: try pushBytes(bytes.length(4))
    case .binBytes8, .byteArray8: try pushBytes(bytes.length(8))

    case .emptyTuple: try push(objects.addTuple([]))
    case .tuple1: try pushTuple(of: 1)
    case .tuple2: try pushTuple(of: 2)
    case .tuple3: try pushTuple(of: 3)
    case .tuple: try push(objects.addTuple(Array(popToMark())))
    case .emptyList: try push(objects.addList())
    case .append: try append([try pop()])
    case .appends: try append(popToMark())
    case .emptyDictionary: try push(objects.addDictionary())
    case .setItem:
      let value = try pop()
      try setItems([try pop(), value])
    case .setItems: try setItems(popToMark())
    case .emptySet: try push(objects.addObject("set", isData: true, []))
    case .addItems: try addItems(popToMark())
    case .frozenSet: try push(objects.addObject("frozenset", isData: true, Array(popToMark())))

    case .mark:
      guard marks.count < Limits.pickleStack else {
        throw problem(.tooMany("marks", limit: Limits.pickleStack))
      }
      marks.append(stack.count)
    case .pop:
      // As in Python, POP at a mark removes the mark.
      if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case .popMark: _ = try popToMark()
    case .dup: try push(top())
    case .binPut: try remember(bytes.length(1))
    case .longBinPut: try remember(bytes.length(4))
    case .memoize: try remember(memo.count)
    case .binGet: try recall(bytes.length(1))
    case .longBinGet: try recall(bytes.length(4))

    case .global: try pushGlobal(module: bytes.line(), name: bytes.line())
    case .stackGlobal:
      let name = try popName()
      try pushGlobal(module: popName(), name: name)
    case .instance:
      let kind = try global(module: bytes.line(), name: bytes.line())
      try push(call(kind, objects.addTuple(Array(popToMark()))))
    case .object: try push(callBehindMark())
    case .extension1, .extension2, .extension4:
      let count = opcode == .extension1 ? 1 : opcode == .extension2 ? 2 : 4
      try push(objects.addForeign("extension code \(try bytes.unsigned(count))"))
    case .binPersistentID: try push(persistent(pop()))
    case .reduce, .newObject:
      let arguments = try pop()
      try push(call(pop(), arguments))
    case .newObjectEx:
      let keywords = try pop()
      let arguments = try pop()
      let made = try call(pop(), arguments)
      if case .object(let object) = made { objects.append([keywords], toObject: object) }
      try push(made)
    case .build: try build(pop())
    }
  }
}
