internal import FileFormats

/// Arrays of an `.npz` or safetensors file, named after a model's inputs and targets.
///
/// A name that ends in `_train`, `_val` or `_test` belongs to that split, every other one to training.
/// Without that ending, `target`, `targets`, `y`, `labels` and `label` are what outputs are compared
/// with, `weight` and `weights` weigh samples or rows, and all others are inputs. All arrays of a
/// split have the samples along their first axis. Whole numbers stay whole numbers.
struct NamedArrays {
  let path: String
  private let splitArrays: [DatasetSplit: [(name: String, array: StoredArray)]]

  private static let targetNames: Set = ["target", "targets", "y", "labels", "label"]
  private static let weightNames: Set = ["weight", "weights"]

  /// The splits that have arrays, training first.
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { splitArrays[$0] != nil } }

  /// Sorts arrays by their names.
  ///
  /// - Throws: `DatasetError` when there is none.
  init(path: String, _ arrays: [(name: String, array: StoredArray)]) throws(DatasetError) {
    self.path = path
    var found: [DatasetSplit: [(name: String, array: StoredArray)]] = [:]
    for (name, array) in arrays {
      let (stem, split) = Self.parts(of: name)
      guard found[split]?.contains(where: { $0.name == stem }) != true else {
        throw DatasetError(
          .ambiguous, path,
          "has '\(stem)' and '\(stem)_train', which mean the same; keep one of them")
      }
      found[split, default: []].append((stem, array))
    }
    guard !found.isEmpty else {
      throw DatasetError(.empty, path, "has no arrays; save inputs and target by name")
    }
    splitArrays = found
  }

  /// The name of an array without its split, and the split.
  private static func parts(of name: String) -> (stem: String, split: DatasetSplit) {
    for (suffix, split) in [
      ("_train", DatasetSplit.train), ("_val", .validation), ("_valid", .validation),
      ("_validation", .validation), ("_test", .test),
    ] where name.hasSuffix(suffix) {
      return (String(name.dropLast(suffix.count)), split)
    }
    return (name, .train)
  }

  /// Whether a split has all of some inputs.
  func has(_ inputs: [String], in split: DatasetSplit) -> Bool {
    let names = Set((splitArrays[split] ?? []).map(\.name))
    return inputs.allSatisfy { names.contains($0) }
  }

  /// Whether an array holds whole numbers by its type.
  func hasWholeNumbers(_ name: String) -> Bool {
    splitArrays.values.joined().contains { $0.name == name && !$0.array.type.isFloatingPoint }
  }

  /// Reads a split.
  ///
  /// - Parameters:
  ///   - split: Which part.
  ///   - names: Inputs of a model; they are inputs even where their names are those of targets.
  /// - Returns: The samples.
  /// - Throws: `DatasetError` when arrays are missing or do not belong together.
  func read(
    _ split: DatasetSplit, inputs names: [String] = []
  ) throws(DatasetError) -> ArrayDataset {
    guard let arrays = splitArrays[split] else {
      let present = splits.map(\.rawValue).joined(separator: " and ")
      throw DatasetError(
        .noSuchSplit, path, "arrays without a \(split.rawValue) split; it has \(present)")
    }
    func belongs(_ name: String, to others: Set<String>) -> Bool {
      others.contains(name) && !names.contains(name)
    }
    let targets = arrays.filter { belongs($0.name, to: Self.targetNames) }
    let weights = arrays.filter { belongs($0.name, to: Self.weightNames) }
    let inputs = arrays.filter {
      !belongs($0.name, to: Self.targetNames) && !belongs($0.name, to: Self.weightNames)
    }
    guard let first = inputs.first else {
      throw DatasetError(
        .malformed, path, "has no input array beside the target; save one, like x or tokens")
    }
    guard targets.count <= 1, weights.count <= 1 else {
      let names = (targets.count > 1 ? targets : weights).map(\.name).joined(separator: " and ")
      throw DatasetError(.ambiguous, path, "has \(names), which mean the same; keep one of them")
    }
    let count = first.array.shape.first ?? 0
    guard count > 0 else {
      throw DatasetError(
        .empty, path, "'\(first.name)' has shape \(first.array.shape), without any sample")
    }
    return ArrayDataset(
      name: baseName(path), split: split, source: path,
      samples: Samples(
        count: count,
        inputs: try inputs.map { (entry) throws(DatasetError) in
          try sampleArray(entry.name, entry.array, count: count)
        },
        target: try targets.first.map { (entry) throws(DatasetError) in
          try sampleArray(entry.name, entry.array, count: count, isTarget: true)
        },
        weights: try weights.first.map { (entry) throws(DatasetError) in
          try weightArray(entry.name, entry.array, count: count)
        }))
  }

  private func sampleArray(
    _ name: String, _ array: StoredArray, count: Int, isTarget: Bool = false
  ) throws(DatasetError) -> SampleArray {
    guard array.shape.first == count else {
      throw DatasetError(
        .shape, path,
        "'\(name)' has shape \(array.shape), not \(count) samples along its first axis")
    }
    var shape = Array(array.shape.dropFirst())
    guard !shape.contains(0) else {
      throw DatasetError(.empty, path, "'\(name)' has shape \(array.shape), without any value")
    }
    let isInteger = !array.type.isFloatingPoint && array.type != .bool
    // One class per sample, however it is stored.
    if isTarget, isInteger, shape == [1] { shape = [] }
    let elements = ElementArray(array.type, array.source)
    let result = SampleArray(
      name, shape: shape, count: count, isInteger: isInteger, .elements(elements))
    try check(result) { value in
      // Past 2^24 single precision has gaps between whole numbers.
      isInteger ? abs(value) <= 0x1p24 : value.isFinite
    }
    return result
  }

  /// Looks at every element once, some samples at a time.
  private func check(
    _ array: SampleArray, _ isUsable: (Float) -> Bool
  ) throws(DatasetError) {
    let samples = Samples(count: array.count, inputs: [array], target: nil)
    let block = max(1, (1 << 18) / max(array.elementCount, 1))
    var buffer = [Float](repeating: 0, count: block * array.elementCount)
    for start in stride(from: 0, to: array.count, by: block) {
      let end = min(start + block, array.count)
      try samples.read(array, start..<end, into: &buffer)
      let used = buffer[..<((end - start) * array.elementCount)]
      if let place = used.firstIndex(where: { !isUsable($0) }) {
        let sample = start + place / max(array.elementCount, 1)
        throw DatasetError(
          .malformed, path,
          array.isInteger
            ? "sample \(sample) of '\(array.name)' holds a number beyond 2^24, where numbers in single "
              + "precision have gaps; save it as float"
            : "sample \(sample) of '\(array.name)' is not finite; remove or repair such samples")
      }
    }
  }

  private func weightArray(
    _ name: String, _ array: StoredArray, count: Int
  ) throws(DatasetError) -> SampleArray {
    let result = try sampleArray(name, array, count: count)
    let samples = Samples(count: count, inputs: [result], target: nil)
    if let wrong = try samples.values(of: result).first(where: { $0 < 0 }) {
      throw DatasetError(.malformed, path, "'\(name)' holds \(wrong); weights are 0 or more")
    }
    return result
  }
}

extension NamedArrays {
  /// Reads the arrays of a file; nil where it is neither `.npz` nor safetensors.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - start: Its first bytes.
  ///   - inputs: The inputs of a model, beside which only targets and weights are read; nil for all.
  /// - Returns: The arrays by split.
  /// - Throws: `DatasetError` when the file is damaged.
  static func open(
    _ path: String, start: [UInt8], inputs: [String]? = nil
  ) throws(DatasetError) -> NamedArrays? {
    let wanted = inputs.map { Set($0).union(targetNames).union(weightNames) }
    func isWanted(_ name: String) -> Bool {
      // An input may itself end like a split.
      wanted.map { $0.contains(parts(of: name).stem) || $0.contains(name) } ?? true
    }
    let arrays: [(name: String, array: StoredArray)]
    if start.starts(with: Array("PK".utf8)) {
      arrays = try reading(path) { () throws(FileFormatError) in
        try StoredArray.arrays(npz: path, where: isWanted)
      }
    } else if Safetensors.isSafetensors(start) {
      arrays = try reading(path) { () throws(FileFormatError) in
        try Safetensors.arrays(path: path)
      }.filter { isWanted($0.name) }
    } else {
      return nil
    }
    return arrays.isEmpty && inputs != nil ? nil : try NamedArrays(path: path, arrays)
  }
}
