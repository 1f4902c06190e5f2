import HymbaFormat

/// The comparison of an index with the headers of the shards that it names, both ways.
struct IndexAudit {
  let findings: [Finding]

  /// - Parameters:
  ///   - name: The name of the index.
  ///   - files: The shards that are there, or some of them. Those whose header cannot be read are left out.
  init(_ index: ShardIndex, named name: String, _ files: [WeightFile]) {
    let readable = files.filter { $0.source != nil }
    var holders: NameTable<[String]> = [:]
    for file in readable {
      for tensor in file.tensors {
        holders[tensor.name, default: []].append(file.name)
      }
    }
    var found: [Place: [String]] = [:]
    let present = Set(readable.map(\.name))
    for (tensor, file) in index.weightMap where present.contains(file) {
      let places = holders[tensor] ?? []
      if places.count > 1 {
        found[Place(.tensorTwice, file, places.first { $0 != file }), default: []].append(tensor)
      } else if let place = places.first, place != file {
        found[Place(.tensorElsewhere, file, place), default: []].append(tensor)
      } else if places.isEmpty {
        found[Place(.tensorMissing, file, nil), default: []].append(tensor)
      }
    }
    for (tensor, places) in holders where index.weightMap[tensor] == nil {
      found[Place(.tensorUnnamed, places[0], nil), default: []].append(tensor)
    }
    var findings = found.sorted { $0.key < $1.key }.flatMap { place, tensors in
      FoldedNames.fold(tensors.sorted { $0.utf8Precedes($1) }).map { place.finding($0, name) }
    }
    let bytes = readable.reduce(0) { $0 + $1.tensors.reduce(0) { $0 + $1.byteCount } }
    let isWhole = present == Set(index.weightMap.map(\.value))
    if isWhole, let total = index.totalBytes, total != bytes {
      findings.append(
        Finding(
          .totalSize, .warning, name,
          "says total_size \(total), and the tensors of its shards have \(bytes) bytes"))
    }
    self.findings = findings
  }
}

/// Where an index puts tensors, and where they are.
private struct Place: Hashable, Comparable {
  let kind: Finding.Kind
  let named: String
  let found: String?

  init(_ kind: Finding.Kind, _ named: String, _ found: String?) {
    self.kind = kind
    self.named = named
    self.found = found
  }

  static func < (a: Self, b: Self) -> Bool {
    (a.kind.rawValue, a.named, a.found ?? "") < (b.kind.rawValue, b.named, b.found ?? "")
  }

  func finding(_ tensors: FoldedNames, _ index: String) -> Finding {
    let (verb, object) = tensors.count == 1 ? ("is", "it") : ("are", "them")
    let message =
      switch kind {
      case .tensorTwice: "\(verb) in \(named) and in \(found ?? "")"
      case .tensorElsewhere: "\(verb) in \(found ?? ""), and \(index) puts \(object) into \(named)"
      case .tensorMissing:
        "\(verb) in no shard: \(index) puts \(object) into \(named), which does not have \(object)"
      default: "\(verb) in \(named), and \(index) does not name \(object)"
      }
    return Finding(kind, .error, tensors.text, message)
  }
}
