package import HymbaFormat

/// Everything that can be wrong with a GGUF file.
package enum GGUFError: Diagnosis, Equatable {
  // Errors of the header.
  case notGGUF
  case bigEndian
  case unknownVersion(UInt32)
  case endsEarly(within: String, at: Int)
  case falseCount(of: String, declared: Int64, left: Int)
  case tooMany(String, declared: Int64, limit: Int)
  case falseLength(of: String, declared: UInt64, left: Int)
  case tooLong(String, declared: UInt64, limit: Int)
  case keysTooLong(limit: Int)
  case invalidText(String, why: String)

  // Errors of keys.
  case keyTwice(String)
  case valueType(key: String, type: UInt32)
  case arrayOfArrays(key: String)
  case notABool(key: String, UInt8)
  case value(key: String, expected: String, found: String)

  // Errors of tensors.
  case dimensions(tensor: String, why: String)
  case unreadType(tensor: String, String)
  case removedType(tensor: String, String)
  case unknownType(tensor: String, UInt32)
  case offset(tensor: String, expected: Int, found: UInt64)

  // Errors of split sets.
  case laterPart(Int, of: Int, first: String)
  case partName(Int, of: Int, suffix: String)
  case partsMissing([String], of: Int)
  case partsDisagree(String)

  package var advice: String? {
    switch self {
    case .endsEarly, .falseCount, .falseLength: "it was cut short, or is damaged: copy or download it again"
    default: nil
    }
  }

  package var kind: FailureKind {
    switch self {
    case .laterPart: .usage
    case .partsMissing: .noInput
    case .partsDisagree: .wrong
    default: .unreadable
    }
  }
}

extension GGUFError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notGGUF: "not a GGUF file: it does not begin with “GGUF”"
    case .bigEndian:
      "this is a big-endian GGUF file, which is not read; make it little-endian with gguf-convert-endian FILE little"
    case .unknownVersion(let version):
      "has version \(version) of GGUF, and versions 2 and 3 are read"
    case .endsEarly(let place, let at): "the file ends early: within \(place), at byte \(at)"
    case .falseCount(let what, let declared, let left):
      "declares \(declared) \(what), and \(left) bytes are left, which hold no such number"
    case .tooMany(let what, let declared, let limit):
      "declares \(declared) \(what); at most \(limit) are accepted"
    case .falseLength(let what, let declared, let left):
      "\(what) has a length of \(declared), and \(left) bytes are left"
    case .tooLong(let what, let declared, let limit):
      "\(what) has a length of \(declared) bytes; at most \(limit) are accepted"
    case .keysTooLong(let limit): "the keys take more than \(limit) bytes together"
    case .invalidText(let what, let why): "\(what) \(why)"
    case .keyTwice(let key): "the key “\(key.printable)” is given twice"
    case .valueType(let key, let type):
      "the key “\(key.printable)” has a value of type \(type), which GGUF does not have"
    case .arrayOfArrays(let key):
      "the key “\(key.printable)” holds an array of arrays, which is not read"
    case .notABool(let key, let byte):
      "the key “\(key.printable)” holds the byte \(byte) for true or false, and must hold 0 or 1"
    case .value(let key, let expected, let found):
      "the key “\(key.printable)” must be \(expected), and is \(found)"
    case .dimensions(let tensor, let why): "the tensor “\(tensor.printable)” \(why)"
    case .unreadType(let tensor, let type):
      "the tensor “\(tensor.printable)” is stored as \(type), which is not read; make a file of another type with llama-quantize --allow-requantize FILE NEW Q8_0, or name the checkpoint that it was made from"
    case .removedType(let tensor, let type):
      "the tensor “\(tensor.printable)” is stored as \(type), which was removed from GGUF; name the checkpoint that it was made from"
    case .unknownType(let tensor, let type):
      "the tensor “\(tensor.printable)” has the type \(type), which is not known here"
    case .offset(let tensor, let expected, let found):
      "the tensor “\(tensor.printable)” begins at byte \(found) of the data, and must begin at \(expected), behind the tensors before it"
    case .laterPart(let number, let count, let first):
      "this is part \(number) of \(count); name \(first.printable), which opens all of them"
    case .partName(let number, let count, let suffix):
      "the file says that it is part \(number) of \(count), so its name must end in \(suffix) for the other parts to be found"
    case .partsMissing(let names, let count):
      "of the \(count) parts of the set, \(listed(names)) \(names.count == 1 ? "is" : "are") not there"
    case .partsDisagree(let why): "the parts do not belong together: \(why)"
    }
  }
}
