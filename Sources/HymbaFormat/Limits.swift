/// Every bound on what a file may declare, each with its reason.
package enum Limits {
  /// The limit of the safetensors format itself (100 MB).
  package static let safetensorsHeaderBytes = 100_000_000

  /// A manifest repeats each header line with two digests and holds one configuration: four times the
  /// header's limit leaves room without letting a file ask for all memory.
  package static let manifestBytes = 4 * safetensorsHeaderBytes

  /// Configuration files are a few kilobytes; Hugging Face's largest are below one megabyte.
  package static let configurationBytes = 16 << 20

  /// Recursion depth of any JSON document: the deepest that we write has nine levels.
  package static let jsonDepth = 64

  /// Combining marks in a row in a name or a JSON string, because comparing strings takes a time that grows
  /// with the square of such a run. Written languages need a handful.
  package static let combiningMarks = 256

  /// NumPy's own limit on dimensions, until version 2.
  package static let maximumRank = 32

  /// Bytes of one tensor name. File systems and HDF5 stop far earlier.
  package static let nameBytes = 4096

  /// Elements of one compressed chunk that a reader accepts; the writer uses 2^20. A chunk is decoded
  /// whole, so this bounds a reader's memory to 8 bytes x 2^24 = 128 MB.
  package static let chunkElements = 1 << 24

  /// Frames of one compressed section. With our chunks that is a tensor of a terabyte (a larger one is
  /// stored raw), and it bounds a reader's seek table to 8 MB, which it holds a few times over.
  package static let sectionFrames = 1 << 20

  /// Logical bytes of all tensors together: more than any disk holds, and far enough from 63 bits for sums
  /// with whatever is stored beside the data.
  package static let totalBytes = 1 << 60

  /// Beginnings of names under which a layout's names are looked for. Checkpoints hold a model once, some
  /// twice, and each further beginning is a search through all names.
  package static let nestedModels = 16

  /// Shards of one model that are written: each is a file that stays open until all are complete, and a
  /// process may have 1024 open. Released models have at most two hundred.
  package static let shards = 512
}
