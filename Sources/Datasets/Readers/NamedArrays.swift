internal import FileFormats

/// Arrays of an `.npz` or safetensors file, named after a model's inputs and targets.
///
/// A name that begins or ends with a word for a part (`x_train`, `test_x`) belongs to it, every other one to
/// training. The rest of it says what outputs are compared with and what weighs samples or rows, see `DataName`;
/// all others are inputs. All arrays of a split have the samples along their first axis. Whole numbers stay whole
/// numbers. Of two arrays without names (`arr_0`, `arr_1`) the shapes say which is the target.
struct NamedArrays: Sendable {
  /// An array under its name without the part.
  private struct Entry {
    let name: String
    /// The name in the file.
    let fullName: String
    let array: StoredArray
  }

  let path: String
  private let splitArrays: [DatasetSplit: [Entry]]
  private let notes: [String]
  /// Parts that are there and cannot be used, and why.
  let remarks: [String]

  /// The splits that have arrays, training first.
  var splits: [DatasetSplit] { DatasetSplit.allCases.filter { splitArrays[$0] != nil } }

  /// Sorts arrays by their names.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - arrays: Names and arrays.
  ///   - inputs: Inputs of a model, whose names say no part.
  /// - Throws: `DatasetError` when there is none.
  init(
    path: String, _ arrays: [(name: String, array: StoredArray)], inputs: [String] = []
  ) throws(DatasetError) {
    self.path = path
    let numbered = Self.numberedTarget(arrays)
    notes = numbered?.notes ?? []
    var found: [DatasetSplit: [Entry]] = [:]
    for (name, array) in arrays {
      let (stem, split) = inputs.contains(name) ? (name, nil) : DataName.array(name)
      let entry = Entry(
        name: name == numbered?.name ? "target" : stem, fullName: name, array: array)
      if let other = found[split ?? .train]?.first(where: { $0.name == entry.name }) {
        throw DatasetError(
          .ambiguous, path,
          "has \(quoted(other.fullName)) and \(quoted(name)), which mean the same; keep one of them"
        )
      }
      found[split ?? .train, default: []].append(entry)
    }
    guard !found.isEmpty else {
      throw DatasetError(.empty, path, "has no arrays; save inputs and target by name")
    }
    // Where outputs have something to be compared with, a part without it can only be passed over.
    let hasTarget = found.mapValues { entries in
      entries.contains { DataName($0.name).plainRole == .target }
    }
    let alone = hasTarget.values.contains(true) ? hasTarget.filter { !$0.value }.map(\.key) : []
    remarks = DatasetSplit.allCases.filter(alone.contains).map { split in
      "\(found[split]?.first.map { quoted($0.fullName) } ?? "") has no target beside it and is left out"
    }
    for split in alone { found[split] = nil }
    splitArrays = found
  }

  /// Which of `arr_0` and `arr_1` is the target: that with one number a sample, the second where both have.
  private static func numberedTarget(
    _ arrays: [(name: String, array: StoredArray)]
  ) -> (name: String, notes: [String])? {
    let sorted = arrays.sorted { $0.name < $1.name }
    guard sorted.map(\.name) == ["arr_0", "arr_1"],
      sorted[0].array.shape.first == sorted[1].array.shape.first
    else { return nil }
    let isFirst =
      LabelledArrays.areLabels(sorted[0].array.shape)
      && !LabelledArrays.areLabels(sorted[1].array.shape)
    let (target, input) = isFirst ? ("arr_0", "arr_1") : ("arr_1", "arr_0")
    return (target, ["'\(input)' is taken as the input and '\(target)' as the target"])
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
    func role(_ entry: Entry) -> DataName.Role {
      let role = names.contains(entry.name) ? nil : DataName(entry.name).plainRole
      return role ?? .input
    }
    let targets = arrays.filter { role($0) == .target }
    let weights = arrays.filter { role($0) == .weight }
    let inputs = arrays.filter { role($0) == .input }
    guard let first = inputs.first else {
      throw DatasetError(
        .malformed, path, "has no input array beside the target; save one, like x or tokens")
    }
    guard targets.count <= 1, weights.count <= 1 else {
      let names = (targets.count > 1 ? targets : weights).map(\.fullName).joined(separator: " and ")
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
        }), notes: notes + remarks)
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
    func isWanted(_ name: String) -> Bool {
      guard let inputs else { return true }
      let stem = DataName.array(name).stem
      let role = DataName(stem).plainRole
      // An input may itself end like a split.
      return inputs.contains(stem) || inputs.contains(name) || role == .target || role == .weight
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
    return arrays.isEmpty && inputs != nil
      ? nil : try NamedArrays(path: path, arrays, inputs: inputs ?? [])
  }
}
