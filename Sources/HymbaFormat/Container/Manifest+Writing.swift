extension Manifest {
  /// The JSON text, with its keys in a fixed order and its tensors in the order of the buffer.
  var json: [UInt8] {
    var writer = JSONWriter(expectedBytes: expectedBytes)
    writer.object { writer in
      writer.member("formatVersion", formatVersion)
      writer.member("creator", creator)
      writer.member("headerLength", headerLength)
      writer.key("architecture")
      description.architecture.map { writer.raw($0) } ?? writer.null()
      writer.key("layout")
      writer.object { writer in
        writer.member("name", description.layout.name)
        writer.key("variant")
        description.layout.variant.text.map { writer.string($0) } ?? writer.null()
        if !description.layout.variant.isPlain {
          writer.key("names")
          description.layout.variant.write(to: &writer)
        }
      }
      writer.key("source")
      writer.object { description.writeSource(to: &$0) }
      writer.key("assumptions")
      writer.strings(description.assumptions)
      writer.key("tensors")
      writer.array { writer in for tensor in tensors { tensor.write(to: &writer) } }
      writer.key("aliases")
      writer.array { writer in
        for alias in aliases {
          writer.object { writer in
            writer.member("name", alias.name)
            writer.member("of", alias.of)
          }
        }
      }
      writer.key("carried")
      writer.strings(description.carried)
      writer.key("probes")
      writer.array { _ in }
      if !attachments.isEmpty {
        writer.key("attachments")
        writer.array { writer in for attachment in attachments { attachment.write(to: &writer) } }
      }
      if let part {
        writer.key("part")
        part.write(to: &writer)
      }
      if let base {
        writer.key("base")
        base.write(to: &writer)
      }
    }
    return writer.text
  }
}

extension Manifest {
  /// About how many bytes the text has. A tensor has its name twice, two digests and a few words; beside many
  /// tensors everything else is small.
  var expectedBytes: Int {
    stored.reduce(1 << 16) { $0 + 2 * $1.descriptor.name.utf8.count + 320 }
  }
}

extension CheckpointDescription {
  fileprivate func writeSource(to writer: inout JSONWriter) {
    writer.key("configuration")
    if let configuration {
      writer.object { writer in
        writer.member("origin", configuration.origin)
        writer.member("text", configuration.text)
      }
    } else {
      writer.null()
    }
    writer.key("metadata")
    writer.object { writer in
      for (key, value) in metadata.sorted {
        writer.member(key, value)
      }
    }
    writer.key("files")
    writer.array { writer in
      for file in files {
        writer.object { writer in
          writer.member("name", file.name)
          writer.member("bytes", file.bytes)
        }
      }
    }
  }
}

extension StoredTensor {
  fileprivate func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("name", descriptor.name)
      writer.member("dtype", descriptor.type.rawValue)
      writer.key("shape")
      writer.integers(descriptor.shape.dimensions)
      writer.member("encoding", encoding.rawValue)
      if let chunkElements { writer.member("chunkElements", chunkElements) }
      writer.member("sha256", "\(sha256)")
      writer.member("entry", entry)
      writer.member("xxh3", "\(xxh3)")
    }
  }
}

extension JSONWriter {
  mutating func strings(_ values: [String]) {
    array { writer in for value in values { writer.string(value) } }
  }
}
