/// Writes an `.npy` file by hand.
struct NpyFile {
  var shape: [Int]
  var data: [UInt8]
  var kind = "'|u1'"
  var order = "False"
  var version: UInt8 = 1
  /// The whole literal, where it differs from what the rest says.
  var header: String?

  init(_ shape: [Int], _ data: [UInt8]) {
    self.shape = shape
    self.data = data
  }

  init(header: String, version: UInt8 = 1) {
    self.init([], [])
    self.header = header
    self.version = version
  }

  var bytes: [UInt8] {
    let sizes = shape.map { "\($0), " }.joined()
    let text = header ?? "{'descr': \(kind), 'fortran_order': \(order), 'shape': (\(sizes)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [version, 0]
      + ZipFile.little(text.utf8.count, version == 1 ? 2 : 4) + text.utf8 + data
  }
}
