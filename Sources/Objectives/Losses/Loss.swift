public import Datasets

/// How the outputs of a model are compared with targets.
///
/// The mean loss is `L = sum_{n,r} weight[n,r] loss(z[n,r], y[n,r])` over the rows r of all samples n.
/// A row is what one number of loss belongs to: a sample, a token, a pixel or an output number. The
/// weights add up to 1; rows that do not count (ignored tokens, padding) have weight 0, so that the
/// mean is one over all rows that count, in whatever samples they lie.
public struct Loss: Hashable, Sendable, Codable {
  /// The formula.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// `-log softmax(z)_y` for logits z, of a class y or of probabilities of all classes.
    case crossEntropy = "cross-entropy"
    /// The same for outputs that are logarithms of probabilities (networks that end in log-softmax).
    case logProbabilities = "log-probabilities"
    /// The same for outputs that are probabilities (networks that end in softmax).
    case probabilities
    /// `(z - y)^2`, PyTorch's `mse_loss`: the mean is also over the outputs, without a factor 1/2.
    case squaredError = "squared-error"
    /// `log(1 + exp z) - z y` for logits z of single events with probabilities y in 0...1.
    case binaryCrossEntropy = "binary-cross-entropy"
    /// The same for outputs that are probabilities of single events (networks that end in a sigmoid),
    /// `-y log p - (1 - y) log(1 - p)`.
    case eventProbabilities = "event-probabilities"
    /// The output itself is the loss of the sample.
    case output

    /// Whether the outputs themselves must be probabilities, or their logarithms.
    var isOfProbabilities: Bool {
      switch self {
      case .logProbabilities, .probabilities, .eventProbabilities: true
      case .crossEntropy, .squaredError, .binaryCrossEntropy, .output: false
      }
    }
  }

  /// The formula.
  public var kind: Kind
  /// Share of the target probability that is spread over all classes.
  ///
  /// Source: Szegedy et al. 2016.
  public var labelSmoothing: Double
  /// Class of rows that do not count, beside -100, which never does.
  public var ignoredClass: Int
  /// Weight of each class, relative to each other; nil for equal weights.
  public var classWeights: [Double]?

  /// Creates a loss.
  public init(
    _ kind: Kind, labelSmoothing: Double = 0, ignoredClass: Int = SampleArray.ignoredClass,
    classWeights: [Double]? = nil
  ) {
    self.kind = kind
    self.labelSmoothing = labelSmoothing
    self.ignoredClass = ignoredClass
    self.classWeights = classWeights
  }

  /// Whether rows of a class do not count.
  func ignores(_ label: Int) -> Bool {
    label == ignoredClass || label == SampleArray.ignoredClass
  }

  /// Whether a class was chosen not to count.
  var ignoresAnotherClass: Bool { ignoredClass != SampleArray.ignoredClass }

  /// Text for captions, like `Mean cross-entropy`.
  public var caption: String { title.prefix(1).uppercased() + title.dropFirst() }

  /// Whether the outputs say how likely each of several classes is.
  public var isCategorical: Bool {
    switch kind {
    case .crossEntropy, .logProbabilities, .probabilities: true
    case .squaredError, .binaryCrossEntropy, .eventProbabilities, .output: false
    }
  }

  /// Name of the mean for texts, like "mean cross-entropy".
  public var title: String {
    switch kind {
    case .crossEntropy: "mean cross-entropy"
    case .logProbabilities, .probabilities: "mean negative log-likelihood"
    case .squaredError: "mean squared error"
    case .binaryCrossEntropy, .eventProbabilities: "mean binary cross-entropy"
    case .output: "mean of the output"
    }
  }
}
