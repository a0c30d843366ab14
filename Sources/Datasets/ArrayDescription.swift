internal import FileFormats

/// What a file of named arrays contains, for people and as JSON.
package struct ArrayDescription: Sendable, Encodable, CustomStringConvertible {
  /// One array of a split.
  package struct Entry: Sendable, Encodable {
    package let name: String
    /// `input`, `target` or `weights`.
    package let role: String
    /// Type of its elements in the file.
    package let type: String
    /// Extents of one sample.
    package let shape: [Int]
    /// Smallest and largest element; classes of rows that do not count are left out.
    package let range: [Double]
    /// Rows that do not count, in targets of whole numbers.
    package let ignored: Int?
  }

  /// One split.
  package struct Split: Sendable, Encodable {
    package let split: DatasetSplit
    package let samples: Int
    package let arrays: [Entry]
    /// SHA-256 of the contents, see `ArrayDataset.digest`.
    package let digest: String
    /// What the user should know about the file.
    package let notes: [String]
  }

  package let name: String
  /// The format.
  package let kind: String
  package let path: String
  package let splits: [Split]

  /// Measures the parts of a file.
  ///
  /// - Throws: `DatasetError` when the file ends early.
  init(kind: String, path: String, parts: [ArrayDataset]) throws(DatasetError) {
    guard !parts.isEmpty else {
      throw DatasetError(.empty, path, "has no arrays with samples; save inputs and target by name")
    }
    name = baseName(path)
    self.kind = kind
    self.path = path
    splits = try parts.map { (part) throws(DatasetError) in
      Split(
        split: part.split, samples: part.samples.count,
        arrays: try part.samples.roles.map { (role, array) throws(DatasetError) in
          try Self.entry(array, role: role, of: part)
        },
        digest: try part.digest(), notes: part.notes)
    }
  }

  private static func entry(
    _ array: SampleArray, role: String, of part: ArrayDataset
  ) throws(DatasetError) -> Entry {
    let mayIgnore = role == "target" && array.isInteger
    var (low, high, ignored) = (Double.infinity, -Double.infinity, 0)
    try part.samples.forEachBlock(of: array) { values in
      for value in values {
        let value = Double(value)
        if mayIgnore, value == Double(SampleArray.ignoredClass) {
          ignored += 1
        } else {
          low = min(low, value)
          high = max(high, value)
        }
      }
    }
    return Entry(
      name: array.name, role: role, type: array.storedType, shape: array.shape,
      range: low <= high ? [low, high] : [], ignored: mayIgnore ? ignored : nil)
  }

  /// Several lines for a terminal.
  package var description: String {
    var lines = ["\(path): \(kind)"]
    for part in splits {
      lines.append("  \(part.split.rawValue): \(part.samples) samples, sha256 \(part.digest)")
      for entry in part.arrays {
        var line = "    \(entry.role) \(entry.name): \(entry.type) \(entry.shape) per sample"
        if entry.range.count == 2 {
          let texts = entry.range.map { value in
            Int(exactly: value).map(String.init) ?? "\(Float(value))"
          }
          line += ", \(texts[0]) to \(texts[1])"
        }
        if let ignored = entry.ignored, ignored > 0 { line += ", \(ignored) of -100 do not count" }
        lines.append(line)
      }
      lines += part.notes.map { "    note: \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}

/// What a path contains: images with classes, or named arrays.
package enum DataDescription: Sendable, Encodable, CustomStringConvertible {
  /// Labelled images.
  case images(DatasetDescription)
  /// Named arrays.
  case arrays(ArrayDescription)

  /// Several lines for a terminal.
  package var description: String {
    switch self {
    case .images(let images): images.description
    case .arrays(let arrays): arrays.description
    }
  }

  /// Writes the description of that kind alone.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .images(let images): try images.encode(to: encoder)
    case .arrays(let arrays): try arrays.encode(to: encoder)
    }
  }
}
