import HymbaFormat

extension SourceOpener {
  #if HDF5
    static func openHDF5(_ path: String) throws -> any CheckpointSource { try HDF5Source(path) }

    /// Opens the HDF5 files that the index at `path` names, as one checkpoint.
    static func openKerasShards(_ path: String) throws -> any CheckpointSource {
      try ShardedSource(kerasIndex: path)
    }
  #else
    static func openHDF5(_ path: String) throws -> any CheckpointSource {
      throw ConversionError.unsupported(
        "this is an HDF5 file, which this build leaves out; build the package with its trait HDF5")
    }

    static func openKerasShards(_ path: String) throws -> any CheckpointSource {
      throw ConversionError.unsupported(
        "this is an index of HDF5 files, which this build leaves out; build the package with its trait HDF5"
      )
    }
  #endif
}
