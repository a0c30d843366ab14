import FileFormats

/// Mean and deviation of the channels of images, where a file keeps them.
///
/// Networks that normalise their input hold both as tensors, like `normalizer.mean` and `normalizer.std`;
/// others stand beside the weights, or are attributes of a module.
struct StoredNormalization {
  /// The values as `ChannelNormalization` reads them, for pixels from 0 to 1.
  let text: String
  /// Where they stand, in words.
  let place: String
  /// Names of the tensors, which are no parameters.
  let names: Set<String>

  private static let means: Set<String> = ["mean", "means", "mu"]
  private static let deviations: Set<String> = ["std", "stds", "sd", "sds", "stdev", "sigma"]

  /// What may be a mean or a deviation.
  private struct Candidate {
    let name: String
    let values: [Double]

    /// The name with the word of the mean or deviation left out, and which it has.
    func key(_ wanted: Set<String>) -> String? {
      let components = name.split(separator: ".")
      guard let last = components.last else { return nil }
      let words = Checkpoints.words(in: last)
      guard let word = words.firstIndex(where: wanted.contains), !words.contains("running") else {
        return nil
      }
      return
        (components.dropLast().map(String.init)
        + [(words[..<word] + words[(word + 1)...]).joined(separator: "_")]).joined(separator: ".")
    }
  }

  /// Looks among the tensors, then in the module, then beside both.
  ///
  /// - Parameters:
  ///   - tensors: The network's.
  ///   - module: The module that has them, where it is known.
  ///   - notes: Lists beside them.
  init?(tensors: [StoredTensor], module: PickledModule?, notes: [String: [Double]]) {
    let image = tensors.first { $0.shape.count == 4 }?.shape[1]
    let small = tensors.filter { tensor in
      let channels = tensor.array.count
      // A mean of a hidden layer has as many numbers as that has channels.
      return tensor.type.isFloatingPoint && tensor.shape.count <= 4 && (1...4).contains(channels)
        && (image == nil || channels == 1 || channels == image)
        && tensor.shape.allSatisfy { $0 == 1 || $0 == channels }
    }.map { Candidate(name: $0.name, values: $0.array.doubles()) }
    if let pair = Self.pair(small) {
      self.init(pair.values, place: pair.names.prefix(2).joined(separator: " and "))
      return
    }
    if let module, let pair = Self.pair(Self.attributes(of: module, path: "", depth: 0)) {
      self.init(
        (pair.values.mean, pair.values.deviation, []),
        place: pair.names.prefix(2).joined(separator: " and "))
      return
    }
    let lists = notes.sorted { $0.key < $1.key }.filter { (1...4).contains($0.value.count) }
      .map { Candidate(name: $0.key, values: $0.value) }
    guard let pair = Self.pair(lists) else { return nil }
    self.init(
      (pair.values.mean, pair.values.deviation, []),
      place: pair.names.prefix(2).joined(separator: " and "))
  }

  private init(
    _ values: (mean: [Double], deviation: [Double], names: Set<String>), place: String
  ) {
    // Numbers beyond 2 are those of bytes: no mean or deviation of pixels from 0 to 1 is as large.
    let unit = (values.mean + values.deviation).contains { $0 > 2 } ? 255.0 : 1
    func list(_ numbers: [Double]) -> String {
      numbers.map { "\(Self.shortest($0, unit))" }.joined(separator: ",")
    }
    text = "mean=\(list(values.mean));std=\(list(values.deviation))"
    self.place = place
    names = values.names
  }

  /// A number that was rounded to single precision, as it was written.
  private static func shortest(_ value: Double, _ unit: Double) -> Double {
    let single = Float(value)
    let written = Double(single) == value ? Double("\(single)") ?? value : value
    return written / unit
  }

  /// The mean and the deviation that belong together; nil where none or several differ.
  private static func pair(
    _ candidates: [Candidate]
  ) -> (values: (mean: [Double], deviation: [Double], names: Set<String>), names: [String])? {
    var found: (mean: [Double], deviation: [Double])?
    var names: [String] = []
    for mean in candidates {
      guard let key = mean.key(means) else { continue }
      guard
        let deviation = candidates.first(where: {
          $0.key(deviations) == key && $0.values.count == mean.values.count
        }), deviation.values.allSatisfy({ $0 > 0 && $0.isFinite }),
        mean.values.allSatisfy(\.isFinite)
      else { continue }
      if let found, found.mean != mean.values || found.deviation != deviation.values { return nil }
      found = (mean.values, deviation.values)
      names += [mean.name, deviation.name]
    }
    return found.map { (($0.mean, $0.deviation, Set(names)), names) }
  }

  /// Attributes of a module and of those right inside it that are lists of numbers.
  private static func attributes(
    of module: PickledModule, path: String, depth: Int
  ) -> [Candidate] {
    var candidates = module.attributes.sorted { $0.key < $1.key }.compactMap { name, value in
      let numbers = value.elements?.compactMap(\.number) ?? value.number.map { [$0] } ?? []
      let isList = numbers.count == (value.elements?.count ?? 1) && (1...4).contains(numbers.count)
      return isList ? Candidate(name: path + name, values: numbers) : nil
    }
    if depth < 2 {
      for child in module.children {
        candidates += attributes(of: child.module, path: "\(path)\(child.name).", depth: depth + 1)
      }
    }
    return candidates
  }
}
