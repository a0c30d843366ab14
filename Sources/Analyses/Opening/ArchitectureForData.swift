package import Datasets
package import NeuralNetworks
package import Objectives

extension OpenedData {
  /// What a sample can be to a built-in architecture, the likelier first.
  ///
  /// Whole numbers with a target each are tokens rather than numbers; others are numbers rather than
  /// tokens.
  ///
  /// - Throws: `AnalysisError` where no architecture takes such samples, `DatasetError` when a file ends
  ///   early.
  package func architectureInputs() throws -> [Architecture.Input] {
    switch self {
    case .images(let data):
      return [
        .image(channels: data.shape.channels, height: data.shape.height, width: data.shape.width)
      ]
    case .arrays(let data):
      let arrays = data.samples.inputs
      guard arrays.count == 1, let array = arrays.first else {
        throw AnalysisError(
          "has the inputs \(arrays.map(\.name).joined(separator: ", ")), "
            + "but architectures take one; keep one of them", subject: data.source)
      }
      let shape = array.shape
      switch shape.count {
      case 0: return [.features(1)]
      case 1:
        guard let bound = try data.bound(of: array) else { return [.features(shape[0])] }
        let tokens = Architecture.Input.tokens(length: shape[0], vocabulary: bound)
        return data.hasTokens ? [tokens, .features(shape[0])] : [.features(shape[0]), tokens]
      case 2, 3:
        return [
          .image(
            channels: shape.count == 3 ? shape[0] : 1, height: shape[shape.count - 2],
            width: shape[shape.count - 1])
        ]
      default:
        throw AnalysisError(
          "'\(array.name)' has \(shape) per sample; architectures take "
            + "[features], [tokens], [height, width] or [channels, height, width]",
          subject: data.source)
      }
    }
  }

  /// Outputs that suit the targets: as many as there are classes or tokens, otherwise one for each number.
  ///
  /// Labels of images are classes for every loss; whole numbers in arrays are where the loss takes classes.
  ///
  /// - Throws: `DatasetError` when a file ends early.
  package func outputCount(for loss: Loss?) throws -> Int {
    switch self {
    case .images(let data): return data.classCount
    case .arrays(let data):
      guard let target = data.samples.target else { return 1 }
      guard loss?.isCategorical ?? true,
        let classes = try data.bound(
          of: target, ignoring: loss?.ignoredClass ?? SampleArray.ignoredClass)
      else { return target.elementCount }
      // Tokens that occur only as inputs are outputs too.
      guard data.hasTokens, let input = data.samples.inputs.first,
        let tokens = try data.bound(of: input)
      else { return max(classes, 1) }
      return max(classes, tokens)
    }
  }
}
