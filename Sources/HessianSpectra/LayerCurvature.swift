internal import Foundation
package import Krylov
internal import LinearAlgebra

/// Curvature of one layer's block of a matrix.
package struct LayerCurvature: Sendable, Hashable, Codable {
  /// Name of the layer.
  package let name: String
  /// Names of its tensors.
  package let tensors: [String]
  /// Number of its parameters.
  package let parameters: Int
  /// Trace of the block.
  package let trace: Double
  /// Standard error of the trace; absent with fewer than two products.
  package let traceStandardError: Double?
  /// Largest eigenvalue of the block.
  package let largest: RitzValue
  /// Smallest eigenvalue of the block.
  package let smallest: RitzValue?
  /// Products that the eigenvalues took.
  package let products: Int

  /// Creates the description of a layer.
  package init(
    name: String, tensors: [String], parameters: Int, trace: Double,
    traceStandardError: Double?, largest: RitzValue, smallest: RitzValue?, products: Int
  ) {
    self.name = name
    self.tensors = tensors
    self.parameters = parameters
    self.trace = trace
    self.traceStandardError = traceStandardError
    self.largest = largest
    self.smallest = smallest
    self.products = products
  }
}

/// Traces of all blocks from the same products.
///
/// `z_b^T (A z)_b` for random signs z is an unbiased estimate of the trace of block b: the signs
/// of other blocks are independent of its own. One product serves all blocks.
///
/// - Parameters:
///   - symmetricOperator: The operator A.
///   - blocks: Places of the blocks' elements in a vector of the operator.
///   - samples: Random vectors, one product each.
///   - seed: Sample i uses the stream `trace.blocks` i.
///   - blockSize: Vectors that are given to the operator at once.
///   - progress: Called after each block with the products so far; may throw to interrupt.
/// - Returns: Trace and standard error of each block; no error with one sample.
/// - Throws: What the operator or `progress` throws.
package func blockTraces<Operator: SymmetricOperator>(
  of symmetricOperator: Operator, blocks: [[Range<Int>]], samples: Int, seed: UInt64,
  blockSize: Int = 1, progress: (Int) throws -> Void = { _ in }
) throws -> [(value: Double, standardError: Double?)] {
  precondition(samples > 0 && blockSize > 0, "at least one sample at a time")
  var forms = [[Double]](repeating: [], count: blocks.count)
  for first in stride(from: 0, to: samples, by: blockSize) {
    let vectors = (first..<min(first + blockSize, samples)).map { index in
      var stream = RandomStream(seed: seed, label: "trace.blocks", index: index)
      return stream.signVector(count: symmetricOperator.dimension, as: Operator.Scalar.self)
    }
    let products = try symmetricOperator.products(with: vectors)
    for (signs, product) in zip(vectors, products) {
      for (block, ranges) in blocks.enumerated() {
        forms[block].append(ranges.reduce(0) { $0 + signs[$1].dot(product[$1]) })
      }
    }
    try progress(first + vectors.count)
  }
  let count = Double(samples)
  return forms.map { values in
    let mean = values.reduce(0, +) / count
    guard samples > 1 else { return (mean, nil) }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / (count * (count - 1))).squareRoot())
  }
}
