internal import ComputationGraph
internal import Datasets
internal import Foundation
internal import LinearAlgebra
internal import NeuralNetworks
internal import Settings

extension EmpiricalRisk {
  /// Targets drawn from the model's own distribution, one for each row of the outputs.
  ///
  /// Cross-entropy draws a class from the softmax, binary cross-entropy an event from the sigmoid, or the
  /// softmax or sigmoid that the outputs already are, and
  /// a squared error `(z - y)^2` a normal number around z with variance 1/2, of which it is the
  /// negative log-likelihood. The expectation of the Fisher matrix is then the Gauss-Newton matrix.
  ///
  /// - Parameters:
  ///   - point: Weights and buffers.
  ///   - seed: The stream `fisher.labels` of this seed gives the numbers, row by row.
  ///   - draw: Index of the stream; each draw is independent of the others.
  /// - Returns: The targets, in the order of the samples.
  /// - Throws: `RiskError` when an output is not finite, the loss is no likelihood, or one of numbers while the
  ///   targets are classes.
  /// - Complexity: One forward pass over the samples.
  func drawnTargets(at point: ModelPoint, seed: UInt64, draw: Int) throws -> SampleArray {
    guard loss.loss.kind != .output else {
      throw RiskError(
        description: "the loss is inside \(model.name), so no target can be drawn from the model; "
          + "use the empirical Fisher matrix")
    }
    guard loss.loss.isCategorical || loss.target != .classes else {
      throw RiskError(
        description:
          "\(loss.loss.kind.rawValue) draws a number for each output, but the targets are classes; use "
          + "the Gauss-Newton matrix, which is the expectation, or the empirical Fisher matrix")
    }
    let outputs = try outputs(at: point).array
    let size = loss.outputShape.count
    if let place = outputs.firstIndex(where: { !$0.isFinite }) {
      throw RiskError(
        description:
          "the outputs of sample \(place / size) are not finite, so no target can be drawn "
          + "from them; check the weights and \(.normalization)")
    }
    var stream = RandomStream(seed: seed, label: "fisher.labels", index: draw)
    let values: [Float]
    let shape: [Int]
    switch loss.loss.kind {
    case .crossEntropy, .logProbabilities, .probabilities:
      let classes = (0..<sampleCount).flatMap { sample in
        (0..<loss.rowsPerSample).map { row in
          loss.drawnClass(outputs[sample * size..<(sample + 1) * size], row: row, using: &stream)
        }
      }
      if loss.target == .values {
        values = classes.flatMap { own in
          (0..<loss.classCount).map { $0 == own ? Float(1) : 0 }
        }
        shape = loss.outputShape.dimensions
      } else {
        values = classes.map(Float.init)
        shape = loss.rowShape.dimensions
      }
    case .binaryCrossEntropy:
      values = outputs.map { z in stream.uniform() < 1 / (1 + exp(-Double(z))) ? 1 : 0 }
      shape = loss.outputShape.dimensions
    case .eventProbabilities:
      values = outputs.map { p in stream.uniform() < Double(p) ? 1 : 0 }
      shape = loss.outputShape.dimensions
    case .squaredError, .output:
      values = outputs.map { z in Float(Double(z) + stream.normal() * 0.5.squareRoot()) }
      shape = loss.outputShape.dimensions
    }
    return SampleArray("drawn", shape, Vector(values))
  }
}

extension BoundLoss {
  /// A class of one row, from one uniform number.
  fileprivate func drawnClass(
    _ z: ArraySlice<Float>, row: Int, using stream: inout RandomStream
  ) -> Int {
    let isLast = classAxis == outputShape.rank - 1
    let logits = (0..<classCount).map { k in
      let value = Double(
        z[z.startIndex + (isLast ? row * classCount + k : k * rowsPerSample + row)])
      return loss.kind == .probabilities ? log(value) : value
    }
    let top = logits.max() ?? 0
    let masses = logits.map { exp($0 - top) }
    var rest = stream.uniform() * masses.reduce(0, +)
    for (label, mass) in masses.enumerated() {
      if rest < mass { return label }
      rest -= mass
    }
    return classCount - 1
  }
}
