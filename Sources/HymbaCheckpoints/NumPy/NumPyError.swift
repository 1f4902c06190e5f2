public import HymbaFormat

/// Everything that can be wrong with an `.npy` or `.npz` file. Errors of the zip archive are in ``ZipError``.
public enum NumPyError: Diagnosis, Equatable {
  case notAnArray(String)
  case unknownVersion(String, major: UInt8, minor: UInt8)
  case headerTooLarge(String, declared: Int, limit: Int)
  case headerInvalid(String, expected: String, at: Int)
  case objects(String)
  case elementType(String, String)
  /// The elements are texts, times or structures.
  case notNumbers(String, String)
  case dataSize(String, type: String, shape: String, expected: Int, found: Int)
  case foreignEntry(String)

  public var kind: FailureKind { .unreadable }

  /// Whether the array holds something else than numbers. Such an array may lie beside tensors in one archive.
  var isForeign: Bool {
    switch self {
    case .objects, .notNumbers: true
    default: false
    }
  }
}

extension NumPyError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notAnArray(let name):
      "“\(name.printable)” is not a NumPy array: it does not begin with \\x93NUMPY"
    case .unknownVersion(let name, let major, let minor):
      "the array “\(name.printable)” has version \(major).\(minor) of the format, and NumPy has 1.0, 2.0 and 3.0; load it with the program that wrote it, and save it with numpy.save"
    case .headerTooLarge(let name, let declared, let limit):
      "the array “\(name.printable)” declares a header of \(declared) bytes; at most \(limit) are accepted"
    case .headerInvalid(let name, let expected, let at):
      "the header of the array “\(name.printable)” is not valid: expected \(expected) at byte \(at)"
    case .objects(let name):
      "the array “\(name.printable)” holds pickled Python objects, which are not read; save it as numbers"
    case .elementType(let name, let type):
      "the array “\(name.printable)” has the element type \(type.printable), which is not supported; \(Self.wayOut(of: type))"
    case .notNumbers(let name, let type):
      "the array “\(name.printable)” has the element type \(type.printable), which is not supported; save it as numbers"
    case .dataSize(let name, let type, let shape, let expected, let found):
      "the array “\(name.printable)” has \(found) bytes of data, but \(type) \(shape) needs \(expected)"
    case .foreignEntry(let name): "the entry “\(name.printable)” is not a NumPy array (.npy)"
    }
  }

  /// What to do about an element type that is not supported.
  /// - Parameter type: The type as in the array's header, in quotes: byte order, letter, number of bytes.
  private static func wayOut(of type: String) -> String {
    switch type.dropFirst(2).first {
    case "V": "NumPy has no name for 8-bit floats: save them as safetensors"
    case "c": "convert it with .astype('complex64') before it is saved"
    case "f": "convert it with .astype('float64') before it is saved"
    default: "convert it to numbers of a common type before it is saved"
    }
  }
}
