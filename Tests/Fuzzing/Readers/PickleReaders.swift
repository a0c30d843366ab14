internal import FileFormats

extension FuzzedReader {
  private static let formats = "FileFormatsTests/Fixtures"

  /// Pickles: any plain ones and those of NumPy.
  static let pickles = [
    FuzzedReader(
      "pickle",
      seeds: Seed.fixtures(formats, (0...5).map { "values-\($0).pkl" })
        + Seed.fixtures(formats, (2...5).map { "batch-\($0).pkl" })
        + [.fixture("CheckpointsTests/Fixtures/arrays.pkl")],
      words: .pickle
    ) { bytes, _ in
      let value = try Pickle.parse(bytes, globals: .numpy)
      var left = 10_000
      check(value, &left)
    }
  ]

  /// Reads the arrays of a value, wherever they are; values are shared, so that there may be any number.
  private static func check(_ value: PickleValue, _ left: inout Int) {
    left -= 1
    guard left > 0 else { return }
    if let array = try? NumericArray(pickled: value) { check(array) }
    for element in value.elements ?? [] { check(element, &left) }
    for pair in value.pairs ?? [] { check(pair.value, &left) }
  }
}
