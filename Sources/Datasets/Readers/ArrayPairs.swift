internal import FileFormats

/// Images and the labels that belong to them.
struct ArrayPair: Hashable {
  let images: ArrayHeader
  let labels: ArrayHeader
}

/// Which arrays of a file are images and labels of which part, by their names; by shapes where they have none.
struct ArrayPairs {
  /// Parts with images and labels.
  private(set) var pairs: [DatasetSplit: ArrayPair] = [:]
  /// Names of images without labels.
  private(set) var unlabelled: [DatasetSplit: String] = [:]
  /// Several arrays that may be the same thing.
  private(set) var ambiguous: String?
  /// How names were taken, and what is not read.
  private(set) var notes: [String] = []

  init(_ headers: [ArrayHeader]) {
    let numbered = Self.numbered(headers)
    if numbered.isEmpty {
      findNamed(headers)
    } else {
      findNumbered(numbered)
    }
    let used = Set(pairs.values.flatMap { [$0.images.name, $0.labels.name] } + unlabelled.values)
    let rest = headers.map(\.name).filter { !used.contains($0) }
    if !pairs.isEmpty, !rest.isEmpty {
      let list = rest.prefix(6).map { quoted($0) }.joined(separator: ", ")
      notes.append("of its arrays \(list)\(rest.count > 6 ? ", ..." : "") are not read")
    }
  }

  // MARK: - Names

  private mutating func findNamed(_ headers: [ArrayHeader]) {
    var inputs: [DatasetSplit: [ArrayHeader]] = [:]
    var targets: [DatasetSplit: [ArrayHeader]] = [:]
    var isSaid: Set<DatasetSplit> = []
    // Arrays that name their part come first: others belong to training where nothing else does.
    let named = headers.map { (header: $0, name: DataName.array($0.name)) }
    for (header, name) in named.filter({ $0.name.split != nil })
      + named.filter({ $0.name.split == nil })
    {
      let split = name.split ?? .train
      guard name.split != nil || !isSaid.contains(.train) else { continue }
      switch DataName(name.stem).plainRole {
      case .input?: inputs[split, default: []].append(header)
      case .target?: targets[split, default: []].append(header)
      case .weight?, nil: continue
      }
      if name.split != nil { isSaid.insert(split) }
    }
    for split in DatasetSplit.allCases {
      guard let all = inputs[split] else { continue }
      // Numbers may stand beside the images.
      let images = all.count > 1 ? all.filter(LabelledArrays.areImages) : all
      let labels = targets[split] ?? []
      guard let first = images.first else { continue }
      if images.count > 1 || labels.count > 1 {
        ambiguous = (images.count > 1 ? images : labels).map { quoted($0.name) }
          .joined(separator: " and ")
      } else if let labels = labels.first {
        pairs[split] = ArrayPair(images: first, labels: labels)
      } else {
        unlabelled[split] = first.name
      }
    }
  }

  // MARK: - Numbers in place of names

  /// The arrays that NumPy calls `arr_0`, `arr_1`, ..., in this order.
  static func numbered(_ headers: [ArrayHeader]) -> [ArrayHeader] {
    headers.compactMap { header -> (number: Int, header: ArrayHeader)? in
      guard header.name.hasPrefix("arr_"), let number = Int(header.name.dropFirst(4)) else {
        return nil
      }
      return (number, header)
    }.sorted { $0.number < $1.number }.map(\.header)
  }

  private mutating func findNumbered(_ headers: [ArrayHeader]) {
    let images = headers.filter(LabelledArrays.areImages)
    let labels = headers.filter { LabelledArrays.areLabels($0.shape) }
    let parts: [[DatasetSplit]] = [[], [.train], [.train, .test], [.train, .validation, .test]]
    guard parts.indices.contains(images.count), images.count == labels.count,
      zip(images, labels).allSatisfy({ $0.shape[0] == $1.shape[0] })
    else { return }
    for (split, pair) in zip(parts[images.count], zip(images, labels)) {
      pairs[split] = ArrayPair(images: pair.0, labels: pair.1)
      notes.append(
        "\(quoted(pair.0.name)) is taken as images and \(quoted(pair.1.name)) as labels"
          + (images.count > 1 ? ", the \(split.rawValue) part" : ""))
    }
  }
}
