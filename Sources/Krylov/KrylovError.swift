/// What can go wrong in this module; each case prints as one line.
public enum KrylovError: Error, Equatable, CustomStringConvertible {
  /// More eigenpairs were asked for than the operator has.
  case tooManyPairs(requested: Int, dimension: Int)
  /// A setting is out of its range.
  case invalidSetting(name: String, reason: String)
  /// A vector does not have the length of the operator.
  case wrongLength(of: String, expected: Int, found: Int)
  /// The start vector is zero or not finite, so it has no direction.
  case noStartDirection
  /// The operator returned NaN or infinity.
  case nonFiniteProduct(index: Int)
  /// Two products with the same vector differ.
  case notDeterministic(index: Int, first: Double, second: Double)

  /// One line for the user.
  public var description: String {
    switch self {
    case .tooManyPairs(let requested, let dimension):
      "\(requested) eigenvalues requested of an operator of dimension \(dimension); "
        + "ask for at most \(dimension)"
    case .invalidSetting(let name, let reason):
      "\(name): \(reason)"
    case .wrongLength(let what, let expected, let found):
      "\(what) has \(found) elements, the operator needs \(expected)"
    case .noStartDirection:
      "the start vector is zero or not finite; give one with a direction"
    case .nonFiniteProduct(let index):
      "the operator returned a non-finite value at element \(index); "
        + "check that the loss and its derivatives are finite at these weights"
    case .notDeterministic(let index, let first, let second):
      "two products with the same vector differ at element \(index) (\(first) and \(second)); "
        + "switch off augmentation, dropout and batch statistics that change between passes"
    }
  }
}
