import Datasets
import LinearAlgebra
import NeuralNetworks
@testable import Objectives
import Testing

/// A loss with a small network and samples, and everything about it written out in Double.
struct LossCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var network: SmoothPerceptron
  var loss: Loss
  /// Axis of the classes; nil where each output number is a row.
  var classAxis: Int?
  /// Targets of all samples: classes of rows, or numbers for outputs.
  var targets: [Double]
  /// One for each sample, or one for each row.
  var weights: [Double]?
  /// Whether targets are classes.
  var hasClasses: Bool { classAxis != nil && targets.count == sampleCount * rowsPerSample }

  static let count = 5
  var sampleCount: Int { Self.count }
  var classCount: Int { classAxis.map { network.outputShape[$0] } ?? 1 }
  var rowsPerSample: Int { network.outputCount / classCount }

  /// Features of the samples, exact in single precision.
  var features: [[Double]] {
    var stream = RandomStream(seed: 11, label: "loss case")
    return (0..<sampleCount).map { _ in
      (0..<network.features).map { _ in Double(Float(stream.normal())) }
    }
  }

  // MARK: - What is tested

  var samples: Samples {
    let rows = classAxis == nil ? network.outputShape : rowShape
    return Samples(
      count: sampleCount,
      inputs: [
        SampleArray("x", [network.features], Vector(features.flatMap { $0 }.map(Float.init)))
      ],
      target: loss.kind == .output
        ? nil
        : hasClasses
          ? SampleArray("target", rowShape, integers: targets.map { Int($0) })
          : SampleArray("target", network.outputShape, Vector(targets.map(Float.init))),
      weights: weights.map { weights in
        SampleArray(
          "weight", weights.count == sampleCount ? [] : rows, Vector(weights.map(Float.init)))
      })
  }

  private var rowShape: [Int] {
    var shape = network.outputShape
    if let classAxis { shape.remove(at: classAxis) }
    return shape
  }

  func risk(_ options: RiskOptions = RiskOptions(), threads: Int = 2) throws -> EmpiricalRisk {
    try EmpiricalRisk(
      model: network.model(), loss: loss, samples: samples, options: options,
      pool: WorkerPool(threadCount: threads))
  }

  func point() throws -> ModelPoint {
    try ModelPoint(
      network.model(), weights: Vector(network.weights.map(Float.init)),
      buffers: Vector<Float>(zeros: 0))
  }

  // MARK: - What it must be

  /// Weights of all rows, which add up to 1.
  var rowWeights: [Double] {
    let rows = rowsPerSample
    let raw = (0..<sampleCount * rows).map { row -> Double in
      var weight = weights.map { $0.count == sampleCount ? $0[row / rows] : $0[row] } ?? 1
      if hasClasses {
        if targets[row] == Double(loss.ignoredClass) { return 0 }
        if let classWeights = loss.classWeights { weight *= classWeights[Int(targets[row])] }
      }
      return weight
    }
    let total = raw.reduce(0, +)
    return raw.map { $0 / total }
  }

  /// The outputs of one row of a sample.
  func rowOutputs(_ z: [Double], _ row: Int) -> [Double] {
    guard let classAxis else { return [z[row]] }
    let isLast = classAxis == network.outputShape.count - 1
    return (0..<classCount).map { isLast ? z[row * classCount + $0] : z[$0 * rowsPerSample + row] }
  }

  /// What a target says of one row: probabilities of its classes, or a number.
  func rowTarget(_ targets: [Double], _ sample: Int, _ row: Int) -> [Double] {
    guard classAxis != nil else {
      return targets.isEmpty ? [] : [targets[sample * rowsPerSample + row]]
    }
    if hasClasses {
      let own = Int(targets[sample * rowsPerSample + row])
      let smoothing = loss.labelSmoothing
      return (0..<classCount).map {
        ($0 == own ? 1 - smoothing : 0) + smoothing / Double(classCount)
      }
    }
    return rowOutputs(
      Array(targets[sample * network.outputCount..<(sample + 1) * network.outputCount]), row)
  }

  /// The loss of one row, by the textbook.
  func rowLoss(_ z: [Double], _ y: [Double]) -> Double {
    switch loss.kind {
    case .crossEntropy:
      let total = logSumExp(z)
      return zip(z, y).reduce(0) { $0 + $1.1 * (total - $1.0) }
    case .logProbabilities: return zip(z, y).reduce(0) { $0 - $1.1 * $1.0 }
    case .probabilities: return zip(z, y).reduce(0) { $0 - ($1.1 == 0 ? 0 : $1.1 * logOf($1.0)) }
    case .squaredError: return mean(z, y) { ($0 - $1) * ($0 - $1) }
    case .binaryCrossEntropy: return mean(z, y) { logOf(1 + expOf($0)) - $0 * $1 }
    case .eventProbabilities:
      return mean(z, y) { -$1 * logOf($0) - (1 - $1) * logOf(1 - $0) }
    case .output: return z[0]
    }
  }

  private func mean(_ z: [Double], _ y: [Double], _ loss: (Double, Double) -> Double) -> Double {
    zip(z, y).reduce(0) { $0 + loss($1.0, $1.1) } / Double(z.count)
  }

  /// The losses of all rows of all samples.
  func rowLosses(_ w: [Double], targets: [Double]? = nil) -> [Double] {
    features.enumerated().flatMap { sample, x in
      let z = network.outputs(w, x)
      return (0..<rowsPerSample).map { row in
        let ignored =
          targets == nil && hasClasses
          && self.targets[sample * rowsPerSample + row] == Double(loss.ignoredClass)
        return ignored
          ? 0 : rowLoss(rowOutputs(z, row), rowTarget(targets ?? self.targets, sample, row))
      }
    }
  }

  /// The mean loss.
  func value(_ w: [Double]) -> Double {
    zip(rowLosses(w), rowWeights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// `sum_r weight_r g_r g_r^T`.
  func fisher(targets: [Double]? = nil) -> [[Double]] {
    let slopes = differences({ rowLosses($0, targets: targets) }, at: network.weights)
    let weights = rowWeights
    return slopes.map { a in
      slopes.map { b in
        weights.indices.reduce(0) { $0 + weights[$1] * a[$1] * b[$1] }
      }
    }
  }

  /// `sum_r weight_r J_r^T H_r J_r` with the Hessians by the textbook.
  func gaussNewton() -> [[Double]] {
    let weights = rowWeights
    let size = classCount
    let slopes = differences(
      { w in
        features.flatMap { x in
          let z = network.outputs(w, x)
          return (0..<rowsPerSample).flatMap { row in
            rowOutputs(z, row).map(logit)
          }
        }
      }, at: network.weights)
    let hessians = features.flatMap { x -> [[[Double]]] in
      let z = network.outputs(network.weights, x)
      return (0..<rowsPerSample).map { row in hessian(rowOutputs(z, row)) }
    }
    return slopes.map { a in
      slopes.map { b in
        weights.indices.reduce(0) { sum, row in
          var part = 0.0
          for k in 0..<size {
            for l in 0..<size {
              part += a[row * size + k] * hessians[row][k][l] * b[row * size + l]
            }
          }
          return sum + weights[row] * part
        }
      }
    }
  }

  /// A number of an output as what the loss is a convex function of.
  private func logit(_ output: Double) -> Double {
    switch loss.kind {
    case .probabilities: logOf(output)
    case .eventProbabilities: logOf(output) - logOf(1 - output)
    default: output
    }
  }

  /// Of one row's loss, in its outputs or their logits.
  private func hessian(_ z: [Double]) -> [[Double]] {
    switch loss.kind {
    case .squaredError: return diagonal(z) { _ in 2 }
    case .binaryCrossEntropy:
      return diagonal(z) { logit in
        let p = 1 / (1 + expOf(-logit))
        return p * (1 - p)
      }
    case .eventProbabilities: return diagonal(z) { $0 * (1 - $0) }
    case .output: return [[0]]
    case .crossEntropy, .logProbabilities, .probabilities:
      let z = loss.kind == .probabilities ? z.map(logOf) : z
      let total = logSumExp(z)
      let p = z.map { expOf($0 - total) }
      return p.indices.map { k in p.indices.map { l in (k == l ? p[k] : 0) - p[k] * p[l] } }
    }
  }

  /// Of a mean over outputs that do not know each other.
  private func diagonal(_ z: [Double], _ second: (Double) -> Double) -> [[Double]] {
    z.indices.map { k in
      z.indices.map { l in k == l ? second(z[k]) / Double(z.count) : 0 }
    }
  }
}
