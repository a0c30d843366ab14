extension EncoderTransformer {
  /// What differs from the usual: filters over patches, a token and a table of positions with an axis for samples, queries,
  /// keys and values of one matrix, norms before the sums, GELU, a norm before the last layer, which reads the token.
  enum Option: String, CaseIterable {
    /// A matrix over patches in the order channel, row, column.
    case rows
    /// A matrix over patches in the order row, column, channel.
    case pixels
    case notoken, token1, token2
    case nopositions, positions2
    /// Queries, keys and values have matrices of their own.
    case split
    /// Queries, keys and values of one head stand together.
    case headwise
    /// Queries, keys and values have no biases.
    case nobias
    /// Heads are not mixed by a matrix.
    case nooutput
    /// Norms stand behind the sums.
    case post
    case relu
    /// A function behind the second layer of each block too.
    case twice
    /// Scores are divided by the root of the width, not of the width of a head.
    case widescale
    /// No norm before the last layer.
    case nonorm
    /// The last layer reads the mean over the normalised rows.
    case mean
    /// The last layer reads the normalised mean.
    case meannorm
    /// Functions behind the hidden layer of the head in place of tanh.
    case headrelu, headgelu

    /// Those of which a network has at most one.
    static let exclusive: [Set<Option>] = [
      [.rows, .pixels], [.notoken, .token1, .token2], [.nopositions, .positions2],
      [.split, .headwise], [.mean, .meannorm], [.nonorm, .meannorm], [.headrelu, .headgelu],
    ]
  }

  static let patterns: [ArchitecturePattern] = [
    (
      "encoder-patchP-wW-dD-hH-mM",
      "vision transformer with tensors of any names: patches of P pixels, W numbers each, D blocks of H heads and M hidden "
        + "units; behind it, in this order, what is unusual: " + options
    )
  ]

  private static let options =
    "rows or pixels (a matrix over patches, in the order channel, row, column or row, column, channel), notoken, token1, "
    + "token2 (its number of axes), nopositions, positions2, split or headwise (queries, keys and values have matrices of "
    + "their own, or stand together by heads), nobias (theirs), nooutput (no matrix behind the heads), post (norms behind "
    + "the sums), relu, twice (GELU behind both layers), widescale (scores over the root of W), nonorm (before the last "
    + "layer), mean or meannorm (of all rows), headN (N hidden units with tanh before the last layer), headrelu, headgelu"

  var name: String {
    Option.allCases.filter(options.contains).reduce(
      "encoder-patch\(patch)-w\(width)-d\(layers)-h\(heads)-m\(hidden)"
        + (headUnits.map { "-head\($0)" } ?? "")
    ) { $0 + "-\($1.rawValue)" }
  }

  init?(name: String) {
    var parts = ArchitectureName(name)
    guard parts.take("encoder"), let (patch, width, layers) = parts.takePatches(),
      let heads = parts.takeNumber(after: "h", in: 1...1024),
      let hidden = parts.takeNumber(after: "m", in: 1...1_000_000)
    else { return nil }
    let headUnits = parts.takeNumber(after: "head", in: 1...65536)
    self.init(
      patch: patch, width: width, layers: layers, heads: heads, hidden: hidden,
      headUnits: headUnits, options: Set(Option.allCases.filter { parts.take($0.rawValue) }))
    guard parts.isEmpty, isConsistent else { return nil }
  }

  /// Whether there is such a network.
  var isConsistent: Bool {
    width.isMultiple(of: heads)
      && (!options.contains(.notoken) || !options.isDisjoint(with: [.mean, .meannorm]))
      && (headUnits != nil || options.isDisjoint(with: [.headrelu, .headgelu]))
      && Option.exclusive.allSatisfy { $0.intersection(options).count <= 1 }
  }
}
