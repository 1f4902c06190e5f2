/// The limits on what a file may declare, each with its reason.
package enum Limits {
  /// Bytes of a safetensors header. This is the limit of the format itself (100 MB).
  package static let safetensorsHeaderBytes = 100_000_000

  /// Bytes of a container's manifest. It repeats each entry of the header with two digests, and holds one
  /// configuration: four times the header's limit is enough, and does not let a file ask for all memory.
  package static let manifestBytes = 4 * safetensorsHeaderBytes

  /// Bytes of a configuration file. Most have a few kilobytes; Hugging Face's largest are below one megabyte.
  package static let configurationBytes = 16 << 20

  /// Bytes of a text for a model. Its tokens take about ten times as much memory.
  package static let textBytes = 64 << 20

  /// Nested levels of a JSON document. The deepest document that we write has nine.
  package static let jsonDepth = 64

  /// Combining marks in a row in a name or a JSON string. To compare strings takes time quadratic in the length
  /// of such a run. Written languages need a handful.
  package static let combiningMarks = 256

  /// Dimensions of a tensor. This is NumPy's own limit before version 2.
  package static let maximumRank = 32

  /// Bytes of a tensor's name. Real names are far shorter.
  package static let nameBytes = 4096

  /// Elements of one compressed chunk that a reader accepts; the writer uses 2^20. A chunk is decoded whole, so
  /// this bounds the memory for one to 8 bytes × 2^24 = 128 MB.
  package static let chunkElements = 1 << 24

  /// Frames of one compressed section. With our chunks that is a tensor of 2^40 elements; a larger one is
  /// stored raw. This bounds a seek table to 8 MB, and a reader holds a few copies of it.
  package static let sectionFrames = 1 << 20

  /// Logical bytes of all tensors together. It is more than any disk holds, and small enough that sums with the
  /// sizes of other data do not overflow 63 bits.
  package static let totalBytes = 1 << 60

  /// Prefixes under which a layout's tensor names are looked for. Most checkpoints hold a model once, some hold
  /// it twice. Each further prefix costs a search through all names.
  package static let nestedModels = 16

  /// Shards of one model that are written. Each is a file that stays open until all are complete, and a process
  /// may have 1024 files open. Released models have at most two hundred shards.
  package static let shards = 512
}
