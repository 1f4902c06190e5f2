import Testing

/// A file that must be refused, and the whole message.
struct Refusal: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let message: String

  init(_ name: String, _ bytes: [UInt8], _ message: String) {
    self.testDescription = name
    self.bytes = bytes
    self.message = message
  }

  init(_ name: String, _ file: NxFile, _ message: String) {
    self.init(name, file.bytes, message)
  }

  init(_ name: String, _ file: ZipFile, _ message: String) {
    self.init(name, file.bytes, message)
  }

  init(_ name: String, _ file: NpyFile, _ message: String) {
    self.init(name, file.bytes, message)
  }
}

/// The message with which a file of these bytes is refused; nil when it is not.
func refusal(of bytes: [UInt8]) throws -> String? { try TemporaryFile(bytes).refusal }
