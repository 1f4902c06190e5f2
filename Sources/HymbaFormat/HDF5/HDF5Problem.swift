/// What is wrong with an HDF5 file. Most cases have the path of the object in the file.
public enum HDF5Problem: Equatable, Sendable {
  // The file.
  case invalid(String)
  case cutShort(declared: UInt64, fileBytes: Int)
  case unreadable(path: String, why: String)
  case noTensors
  case onlyTrainingState(String)
  case bomb(claimed: Int, fileBytes: Int)
  case sharedTooOften(names: Int, bytes: Int, distinct: Int)

  // Links.
  case badName(String, in: String)
  case leavesTheFile(path: String, to: String)
  case leadsNowhere(path: String, to: String)
  case unknownLink(path: String)
  case unknownObject(path: String)
  case cycle(path: String, to: String)
  case tooDeep(path: String)
  case tooManyLinks
  case longName(in: String)
  /// The name is written as Python writes bytes.
  case nameNotUTF8(String, in: String)
  case markedName(in: String)
  case twoEntries(path: String)
  case tooManySharedGroups(path: String)

  // Datasets.
  case notATensor(path: String, holds: String)
  case unsupportedElements(path: String, holds: String, wayOut: String)
  case noExtent(path: String)
  case virtual(path: String)
  case externalStorage(path: String)
  case filterMissing(path: String, filter: String)
  case filterUnsupported(path: String, filter: String)
  case chunkTooLarge(path: String, bytes: Int)
  case neverWritten(path: String, stored: Int, expected: Int, unit: String)
  case implausible(path: String, declared: Int, stored: Int)
  case beyondFile(path: String, stored: Int, fileBytes: Int)
  case damaged(path: String, why: String)
  case noMemory(path: String)

  // Names.
  case sameName(String, String, String)
  case kerasMissing(layer: String, weight: String?)
  case kerasUnnamed(path: String)
  case kerasTwice(String)
  case attributeElsewhere(String, path: String)
  case attributeInvalid(String, path: String)
  case attributesElsewhere(path: String)
}

extension HDF5Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalid(let why): "not a readable HDF5 file: \(why)"
    case .cutShort(let declared, let bytes):
      "the file ends early: its HDF5 superblock says that it ends at byte \(declared), but it has \(bytes) bytes"
    case .unreadable(let path, let why):
      "the HDF5 library cannot read “\(path.printable)”: \(why.printable)"
        + (why.hasPrefix("bad version number")
          ? "; the file is damaged, or of a newer HDF5: with h5py, write it with libver=('v110', 'v110')"
          : "")
    case .noTensors: "the HDF5 file holds no dataset"
    case .onlyTrainingState(let path):
      "the HDF5 file holds the state of training (“\(path.printable)”) and no weights"
    case .bomb(let claimed, let bytes): Limits.bombSentence(claimed: claimed, fileBytes: bytes)
    case .sharedTooOften(let names, let bytes, let distinct):
      "its \(names) names of datasets stand for \(bytes) bytes, more than \(Limits.hdf5SharedRatio) times the \(distinct) bytes of the datasets themselves; no tied weights do"
    case .badName(let name, let group):
      "the group “\(group.printable)” has an entry named “\(name.printable)”, which is no valid name in HDF5"
    case .leavesTheFile(let path, let target):
      "“\(path.printable)” is a link into another file, “\(target.printable)”, which is not followed; copy the dataset into this one"
    case .leadsNowhere(let path, let target):
      "the link “\(path.printable)” leads to “\(target.printable)”, and so to nothing in this file; copy the dataset that it stands for into the file"
    case .unknownLink(let path): "“\(path.printable)” is a link of a kind that is not known here"
    case .unknownObject(let path): "“\(path.printable)” is neither a group nor a dataset"
    case .cycle(let path, let target):
      "the groups form a cycle: “\(path.printable)” is “\(target.printable)” again"
    case .tooDeep(let path):
      "“\(path.printable)” lies deeper than the \(Limits.hdf5Depth) groups that are accepted"
    case .tooManyLinks:
      "its groups have more than the \(Limits.hdf5Links) entries that are accepted"
    case .longName(let group):
      "the group “\(group.printable)” has an entry whose name has more than the \(Limits.hdf5LinkBytes) bytes that are accepted"
    case .nameNotUTF8(let name, let group):
      "the group “\(group.printable)” has an entry named \(name), which is not UTF-8, as the name of a tensor must be; rename it in Python: h5py.File(FILE, 'a')['\(group.printable)'].move(\(name), 'NEW NAME')"
    case .markedName(let group):
      "the group “\(group.printable)” has an entry whose name has more than \(Limits.combiningMarks) combining marks in a row"
    case .twoEntries(let path): "two entries of a group are named “\(path.printable)”"
    case .tooManySharedGroups(let path):
      "“\(path.printable)” is one of more than \(Limits.hdf5SharedGroups) groups that are reached by several paths"
    case .notATensor(let path, let holds):
      "the dataset “\(path.printable)” holds \(holds), and only numbers and booleans are tensors"
    case .unsupportedElements(let path, let holds, let wayOut):
      "the dataset “\(path.printable)” holds \(holds), which are not supported; \(wayOut)"
    case .noExtent(let path):
      "the dataset “\(path.printable)” is declared to be empty, without a shape"
    case .virtual(let path):
      "the dataset “\(path.printable)” is virtual, pieced together from other datasets, which is not supported; copy its data into the file"
    case .externalStorage(let path):
      "the dataset “\(path.printable)” has its data in another file, which is not supported; copy it into this one"
    case .filterMissing(let path, let filter):
      "the dataset “\(path.printable)” is stored with the filter “\(filter.printable)”, which this HDF5 library does not have; store it with gzip or without"
    case .filterUnsupported(let path, let filter):
      "the dataset “\(path.printable)” is stored with the filter “\(filter.printable)”, which is not supported; store it with gzip or without"
    case .chunkTooLarge(let path, let bytes):
      "the dataset “\(path.printable)” is compressed in chunks of \(bytes) bytes; at most \(Limits.hdf5ChunkBytes) are accepted; write it in smaller chunks"
    case .neverWritten(let path, let stored, let expected, let unit):
      "the dataset “\(path.printable)” was not written completely: the file has \(stored) of its \(expected) \(unit)"
    case .implausible(let path, let declared, let stored):
      "the dataset “\(path.printable)” declares \(declared) bytes, but the \(stored) bytes that are stored cannot hold more than \(Limits.hdf5Ratio) times as many"
    case .beyondFile(let path, let stored, let bytes):
      "the dataset “\(path.printable)” is said to be stored in \(stored) bytes, but the file has \(bytes)"
    case .damaged(let path, let why):
      "the data of the dataset “\(path.printable)” is damaged: \(why.printable)"
    case .noMemory(let path):
      "there is no memory to read the dataset “\(path.printable)”"
    case .sameName(let name, let first, let second):
      "the datasets “\(first.printable)” and “\(second.printable)” would both be the tensor “\(name.printable)”"
    case .kerasMissing(let layer, let weight?):
      "weight_names of the Keras layer “\(layer.printable)” names “\(weight.printable)”, which is not there"
    case .kerasMissing(let layer, nil):
      "layer_names names the Keras layer “\(layer.printable)”, which has no group with weight_names"
    case .attributeElsewhere(let name, let path):
      "the attribute “\(name.printable)” of “\(path.printable)” is too large or stored in a way that is not read here; write it as text of a fixed length"
    case .attributeInvalid(let name, let path):
      "a text in the attribute “\(name.printable)” of “\(path.printable)” is not UTF-8, or has more than \(Limits.combiningMarks) combining marks in a row"
    case .attributesElsewhere(let path):
      "the attributes of “\(path.printable)” are stored apart from it, where they are not read, and one may say what its elements are; write at most eight"
    case .kerasTwice(let name):
      "this Keras file names “\(name.printable)” twice"
    case .kerasUnnamed(let path):
      "the dataset “\(path.printable)” is named by no weight_names of this Keras file"
    }
  }
}
