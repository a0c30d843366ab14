import ComputationGraph
import Datasets
import GraphRuntime
import HessianSpectra
import LinearAlgebra
import NeuralNetworks
import Objectives
import ReferenceRuntime

/// A small network with random weights and samples, and its derivatives in Double.
struct TinyNetwork {
  let model: Model
  let point: ModelPoint
  let images: Vector<Float>
  let labels: [Int32]
  let shape: [Int]
  let classes: Int

  var samples: Samples { Samples(images: images, shape: shape, labels: labels) }

  init(_ name: String, input: Architecture.Input, classes: Int, samples count: Int) throws {
    model = try Model(Architecture.named(name, input: input, classCount: classes))
    point = model.initialPoint(seed: 3)
    shape = input.shape.dimensions
    self.classes = classes
    var stream = RandomStream(seed: 5, label: "tiny network")
    images = stream.normalVector(count: count * input.shape.count)
    labels = (0..<count).map { _ in Int32(stream.integer(below: classes)) }
  }

  /// 53 parameters, 20 samples, 3 classes.
  static func perceptron() throws -> TinyNetwork {
    try TinyNetwork(
      "mlp-5", input: .init(channels: 1, height: 2, width: 3), classes: 3, samples: 20)
  }

  /// With batch norms.
  static func residual(samples: Int = 12) throws -> TinyNetwork {
    try TinyNetwork(
      "resnet8-w4", input: .init(channels: 3, height: 8, width: 8), classes: 4, samples: samples)
  }

  func risk(_ options: RiskOptions = RiskOptions(), threads: Int = 2) throws -> EmpiricalRisk {
    try EmpiricalRisk(
      model: model, samples: samples, options: options,
      pool: WorkerPool(threadCount: threads))
  }

  func matrix(
    _ kind: CurvatureMatrix, _ options: RiskOptions = RiskOptions(), threads: Int = 2,
    selection: ParameterSelection? = nil
  ) throws -> RiskOperator {
    try RiskOperator(
      CurvatureSettings(kind, targetSeed: 9), of: risk(options, threads: threads), at: point,
      selection: selection ?? ParameterSelection(all: model.layout))
  }

  /// Gradient of the mean loss of some samples in Double, at weights in Double.
  func gradient(at w: [Double], of chosen: [Int], labels: [Int32]? = nil) throws -> [Double] {
    var graph = Graph()
    let nodes = try model.instantiate(batch: chosen.count, mode: .inference, in: &graph)
    let targets = graph.input("targets", [chosen.count, classes], role: .batch)
    let weights = graph.input("weights", [chosen.count, 1], role: .batch)
    let loss = try graph.softmaxCrossEntropy(
      logits: nodes.output, targets: targets, weights: weights)
    let gradient = try graph.gradient(of: loss, by: nodes.parameters)
    let size = shape.reduce(1, *)
    var inputs: [String: [Double]] = [
      "images": chosen.flatMap { n in
        images[n * size..<(n + 1) * size].array.map(Double.init)
      },
      "targets": chosen.flatMap { n in
        (0..<classes).map { Int32($0) == (labels ?? self.labels)[n] ? 1.0 : 0 }
      },
      "weights": chosen.map { _ in 1 / Double(chosen.count) },
    ]
    for segment in model.layout.segments { inputs[segment.name] = Array(w[segment.range]) }
    for segment in model.bufferLayout.segments {
      inputs[segment.name] = point.buffers.elements[segment.range].array.map(Double.init)
    }
    return ReferenceRuntime.evaluate(graph, outputs: gradient, inputs: inputs).flatMap { $0 }
  }

  /// The Hessian of the mean loss by central differences of the gradient, in Double.
  func differencedHessian() throws -> SymmetricMatrix {
    let w = point.weights.elements.array.map(Double.init)
    let all = Array(labels.indices)
    var matrix = SymmetricMatrix(zeros: w.count)
    let step = 1e-5
    for column in w.indices {
      var moved = w
      moved[column] = w[column] + step
      let high = try gradient(at: moved, of: all)
      moved[column] = w[column] - step
      let low = try gradient(at: moved, of: all)
      for row in 0...column { matrix[row, column] = (high[row] - low[row]) / (2 * step) }
    }
    return matrix
  }

  /// `1/N sum_n g_n g_n^T` from gradients of single samples in Double.
  func fisher(labels: [Int32]? = nil) throws -> SymmetricMatrix {
    let w = point.weights.elements.array.map(Double.init)
    var matrix = SymmetricMatrix(zeros: w.count)
    for n in self.labels.indices {
      let g = try gradient(at: w, of: [n], labels: labels)
      for column in w.indices {
        for row in 0...column {
          matrix[row, column] += g[row] * g[column] / Double(self.labels.count)
        }
      }
    }
    return matrix
  }
}
