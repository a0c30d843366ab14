/// What a path contains, for people and as JSON.
package struct DatasetDescription: Sendable, Encodable, CustomStringConvertible {
  /// One split.
  package struct Split: Sendable, Encodable {
    package let split: DatasetSplit
    package let samples: Int
    /// Images of each class.
    package let classHistogram: [Int]
    /// Images that were measured: all, but for files that would have to be decoded.
    package let measured: Int
    /// Mean of each channel on the scale 0 to 1.
    package let mean: [Double]
    /// Standard deviation of each channel on the scale 0 to 1.
    package let std: [Double]
    /// Smallest and largest pixel on the same scale.
    package let range: [Double]
    /// SHA-256 of the contents, see `Dataset.digest`.
    package let digest: String
    /// What is missing or was left out.
    package let notes: [String]
  }

  package let name: String
  /// The format: "CIFAR-10, binary files".
  package let kind: String
  package let path: String
  package let shape: ImageShape
  package let classCount: Int
  package let classNames: [String]?
  package let splits: [Split]

  /// Measures the parts of a data set.
  ///
  /// - Throws: `DatasetError` if they differ in the extents of their images, or a file cannot be read any
  ///   more.
  init(kind: String, path: String, parts: [Dataset]) throws(DatasetError) {
    guard let first = parts.first else {
      throw DatasetError(.empty, path, "has no samples; check the files")
    }
    if let other = parts.first(where: { $0.shape != first.shape }) {
      throw DatasetError(
        .shape, path,
        "\(first.split.rawValue) images are \(first.shape) but \(other.split.rawValue) images "
          + "\(other.shape); save them in one size")
    }
    name = first.name
    self.kind = kind
    self.path = path
    shape = first.shape
    classCount = first.classCount
    classNames = first.classNames
    splits = try parts.map { (part) throws(DatasetError) in
      let measured = part.sparse()
      let statistics = try measured.channelStatistics()
      let range = try measured.pixelRange()
      return Split(
        split: part.split, samples: part.count, classHistogram: part.classHistogram,
        measured: measured.count, mean: statistics.mean, std: statistics.std,
        range: [range.lowerBound, range.upperBound],
        digest: try part.digest(), notes: part.notes)
    }
  }

  /// Several lines for a terminal.
  package var description: String {
    var lines = ["\(path): \(kind), images \(shape), \(classCount) classes"]
    if let classNames, classNames.count <= 20 {
      lines.append("  classes  \(classNames.joined(separator: ", "))")
    }
    for part in splits {
      lines.append("  \(part.split.rawValue): \(part.samples) samples, sha256 \(part.digest)")
      let counts = part.classHistogram
      if counts.count <= 20 {
        lines.append("    per class  \(counts.map(String.init).joined(separator: " "))")
      } else {
        lines.append("    per class  \(counts.min() ?? 0) to \(counts.max() ?? 0)")
      }
      let empty = counts.indices.filter { counts[$0] == 0 }
      if !empty.isEmpty {
        lines.append(
          "    without images  class \(empty.prefix(10).map(String.init).joined(separator: ", "))"
            + (empty.count > 10 ? ", ... (\(empty.count) classes)" : ""))
      }
      if part.measured < part.samples {
        lines.append("    of \(part.measured) images, evenly spaced:")
      }
      lines.append("    mean  \(Self.text(part.mean))")
      lines.append("    std   \(Self.text(part.std))")
      lines.append("    range \(Self.text(part.range))")
      lines += part.notes.map { "    note: \($0)" }
    }
    return lines.joined(separator: "\n")
  }

  /// Four decimals, as normalisations are usually written.
  private static func text(_ values: [Double]) -> String {
    values.map { value in
      guard abs(value) < 1e9 else { return "\(value)" }
      let scaled = Int((abs(value) * 10_000).rounded())
      let decimals = String(scaled % 10_000)
      let sign = value < 0 ? "-" : ""
      return "\(sign)\(scaled / 10_000).\(String(repeating: "0", count: 4 - decimals.count))"
        + decimals
    }.joined(separator: ", ")
  }
}
