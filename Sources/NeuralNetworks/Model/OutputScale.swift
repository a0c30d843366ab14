/// What the numbers of a model's output are, where its nodes show it.
public enum OutputScale: Hashable, Sendable {
  /// Any numbers.
  case numbers
  /// Probabilities of classes: the last operation is a softmax.
  case probabilities
  /// Logarithms of probabilities of classes: a log-softmax.
  case logProbabilities
  /// Probabilities of single events: a sigmoid.
  case eventProbabilities
}
