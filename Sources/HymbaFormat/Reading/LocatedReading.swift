/// A reading whose errors name the file that is read.
struct LocatedReading: TensorReading {
  let original: any TensorReading
  let location: String

  var tensor: TensorDescriptor { original.tensor }
  var windowBytes: Int { original.windowBytes }
  var readsWholeWindows: Bool { original.readsWholeWindows }
  var isCompared: Bool { original.isCompared }

  func read(from offset: Int, into buffer: inout MutableRawSpan) throws {
    try naming(location) { try original.read(from: offset, into: &buffer) }
  }
}
