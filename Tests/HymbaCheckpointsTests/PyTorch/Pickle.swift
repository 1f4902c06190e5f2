/// Writes pickles by hand: opcodes and their arguments, under the names of Python's `pickletools`.
enum Pickle {
  static let proto: [UInt8] = [0x80, 2]
  static let mark: [UInt8] = [0x28]
  static let stop: [UInt8] = [0x2E]
  static let none: [UInt8] = [0x4E]
  static let emptyDictionary: [UInt8] = [0x7D]
  static let emptyList: [UInt8] = [0x5D]
  static let emptyTuple: [UInt8] = [0x29]
  static let reduce: [UInt8] = [0x52]
  static let persistentID: [UInt8] = [0x51]
  static let setItem: [UInt8] = [0x73]
  static let append: [UInt8] = [0x61]

  static func text(_ text: String) -> [UInt8] {
    [0x58] + ZipFile.little(text.utf8.count, 4) + text.utf8
  }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    [0x63] + Array("\(module)\n\(name)\n".utf8)
  }

  static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + ZipFile.little(value, 8) }

  static func put(_ index: Int) -> [UInt8] { [0x72] + ZipFile.little(index, 4) }
  static func get(_ index: Int) -> [UInt8] { [0x6A] + ZipFile.little(index, 4) }

  static func tuple(_ values: [UInt8]...) -> [UInt8] { mark + values.flatMap(\.self) + [0x74] }

  static func dictionary(_ entries: (key: [UInt8], value: [UInt8])...) -> [UInt8] {
    emptyDictionary + entries.flatMap { $0.key + $0.value + setItem }
  }

  static func storage(
    _ key: String, _ count: Int, _ kind: [UInt8] = global("torch", "FloatStorage")
  ) -> [UInt8] {
    tuple(text("storage"), kind, text(key), text("cpu"), integer(count)) + persistentID
  }

  static func tensor(
    _ storage: [UInt8], offset: Int = 0, shape: [Int], strides: [Int],
    metadata: [UInt8] = none
  ) -> [UInt8] {
    global("torch._utils", "_rebuild_tensor_v2")
      + tuple(
        storage, integer(offset), sizes(shape), sizes(strides), [0x89],
        global("collections", "OrderedDict") + emptyTuple + reduce, metadata) + reduce
  }

  static func sizes(_ sizes: [Int]) -> [UInt8] { mark + sizes.flatMap(integer) + [0x74] }

  /// A whole pickle of one dictionary.
  static func checkpoint(_ entries: (key: String, value: [UInt8])...) -> [UInt8] {
    proto + emptyDictionary + entries.flatMap { text($0.key) + $0.value + setItem } + stop
  }

  /// An archive with a pickle and storages.
  static func archive(
    _ pickle: [UInt8], byteOrder: String? = nil, _ storages: [(key: String, bytes: [UInt8])] = []
  ) -> ZipFile {
    var entries = [ZipFile.Entry("archive/data.pkl", pickle)]
    if let byteOrder { entries.append(.init("archive/byteorder", Array(byteOrder.utf8))) }
    return ZipFile(entries + storages.map { .init("archive/data/\($0.key)", $0.bytes) })
  }
}
