extension ShardedWriter {
  /// Adds the shards to `folder`, and last the index, without which the folder does not load. A sharded
  /// checkpoint that the folder already holds stays loadable until the commit, also when new shards have the
  /// names of old ones.
  ///
  /// - Parameters:
  ///   - jobs: The number of windows that are read and decoded at once.
  ///   - verifies: Whether each file is read again and compared with the source, before any gets its name.
  ///   - progress: Is told the bytes that were written, and with `verifies` those that were compared, since the
  ///     last call.
  /// - Throws: ``FormatError/notEnoughSpace(needed:available:)``, ``FormatError/writtenDiffers(tensor:)``,
  ///   ``FormatError/writtenUnreadable(_:)``, and the errors of ``OutputFolder`` and of the source.
  package func write(
    into folder: OutputFolder, jobs: Int, verifies: Bool = true, progress: (Int) -> Void
  ) throws {
    try naming(folder.path) {
      try FileSystem.requireFreeBytes(
        source.tensors.totalBytes, forFileAt: FileSystem.path(folder.path, Self.fileName))
    }
    for (name, tensors) in zip(fileNames, shards) {
      let bytes = try SafetensorsWriter.byteCount(of: tensors, metadata: metadata)
      try folder.add(name, expectedBytes: bytes) { file in
        try SafetensorsWriter.write(
          tensors, of: source, to: file, metadata: metadata, jobs: jobs, verifies: verifies,
          progress: progress)
      }
    }
    if !indexNames.isEmpty {
      let index = index
      _ = try FormatError.readingBack { try ShardIndex(parsing: index) }
      for name in indexNames { try folder.add(name, contents: index) }
    }
    try keepReplacedShards(in: folder)
  }

  /// The JSON text of the index:
  /// `{"metadata":{"total_size":…},"weight_map":{"NAME":"model-00001-of-00003.safetensors",…}}`.
  private var index: [UInt8] {
    let places = zip(fileNames, shards).flatMap { file, tensors in
      tensors.map { (tensor: $0.name, file: file) }
    }
    return Self.index(places, totalBytes: source.tensors.totalBytes)
  }

  private static func index(
    _ places: [(tensor: String, file: String)], totalBytes: Int?
  ) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("metadata")
      writer.object { writer in
        if let totalBytes { writer.member("total_size", totalBytes) }
      }
      writer.key("weight_map")
      writer.object { writer in
        for place in places { writer.member(place.tensor, place.file) }
      }
    }
    return writer.text
  }

  private func keepReplacedShards(in folder: OutputFolder) throws {
    // With an index that cannot be read, the old checkpoint does not load anyway.
    guard
      let index = try? ShardIndex(reading: FileSystem.path(folder.path, Self.indexName)).weightMap
    else { return }
    let new = Set(fileNames)
    let places = index.sorted.map { tensor, file in
      (tensor: tensor, file: new.contains(file) ? OutputFolder.secondName(of: file) : file)
    }
    let replaced = new.intersection(index.map(\.value))
    guard !replaced.isEmpty else { return }
    try folder.keep(
      replaced.sorted(), listedIn: Self.indexName, contents: Self.index(places, totalBytes: nil))
  }

  /// The names of the files in a folder that belong to a checkpoint of this kind, or to one that was being
  /// replaced when a process was killed. A library may load any of them instead of the files that are written.
  package static func weightFiles(in folder: String) throws(FormatError) -> [String] {
    guard FileSystem.isDirectory(folder) else { return [] }
    return try FileSystem.entries(of: folder).filter { name in
      if name == fileName || name == indexName { return true }
      let prefix = OutputFolder.secondNamePrefix
      let first = name.hasPrefix(prefix) ? name.dropFirst(prefix.count) : name[...]
      let parts = first.split(separator: "-", omittingEmptySubsequences: false)
      return parts.count == 4 && parts[0] == "model" && parts[2] == "of"
        && parts[3].hasSuffix(".safetensors") && Int(parts[1]) != nil
    }
  }
}
