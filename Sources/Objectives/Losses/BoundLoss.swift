package import ComputationGraph
package import Datasets
package import NeuralNetworks

/// A loss for the outputs of one model and targets of one kind: shapes are known and fit.
package struct BoundLoss: Hashable, Sendable {
  /// What a target holds.
  package enum Target: Hashable, Sendable {
    /// One class per row.
    case classes
    /// A number for each output.
    case values
    /// There is no target.
    case none
  }

  /// The loss.
  package let loss: Loss
  /// Shape of the model's output for one sample.
  package let outputShape: Shape
  /// What the target holds.
  package let target: Target
  /// Axis of the classes in the output of one sample; nil where each output number is a row.
  package let classAxis: Int?

  /// Chooses the loss and checks that outputs and targets belong together.
  ///
  /// Without a choice, whole numbers mean cross-entropy, other targets a squared error, and no target
  /// that the output is the loss.
  ///
  /// - Throws: `RiskError` when they do not.
  package init(
    _ choice: Loss?, model: Model, target array: SampleArray?
  ) throws(RiskError) {
    let output = model.outputShape
    let loss =
      choice
      ?? Loss(array.map { $0.isInteger ? .crossEntropy : .squaredError } ?? .output)
    func misfit(_ what: String) -> RiskError {
      let has = array.map { "the target '\($0.name)' has \(Shape($0.shape)) per sample" }
      return RiskError(
        description: "\(loss.kind.rawValue): \(has ?? "the data have no target") and "
          + "\(model.name) gives \(output); \(what)")
    }
    self.loss = loss
    outputShape = output
    guard loss.kind != .output else {
      guard output.count == 1 || array == nil else {
        throw misfit("the loss of a sample is one number; choose another --loss")
      }
      target = .none
      classAxis = nil
      return
    }
    guard let array else { throw misfit("add an array named target, or choose --loss output") }
    let shape = Shape(array.shape)
    guard loss.isCategorical else {
      guard shape.count == output.count, Self.withoutOnes(shape) == Self.withoutOnes(output) else {
        throw misfit("give one number for each output")
      }
      target = .values
      classAxis = nil
      return
    }
    guard output.rank >= 1 else { throw misfit("classes need an axis of their own") }
    if !array.isInteger {
      guard shape == output else { throw misfit("give a class, or a probability for each output") }
      target = .values
      classAxis = output.rank - 1
    } else if let axis = [output.rank - 1, 0].first(where: { output.removing(axis: $0) == shape }) {
      target = .classes
      classAxis = axis
    } else {
      throw misfit("give one class for each row of outputs")
    }
    if let weights = loss.classWeights, weights.count != classCount {
      throw misfit("\(weights.count) class weights do not fit")
    }
  }

  private static func withoutOnes(_ shape: Shape) -> [Int] { shape.dimensions.filter { $0 != 1 } }

  /// Classes that the outputs tell apart; 1 where each output number is a row.
  package var classCount: Int { classAxis.map { outputShape[$0] } ?? 1 }

  /// Shape of the rows of one sample.
  package var rowShape: Shape {
    loss.kind == .output ? [] : classAxis.map { outputShape.removing(axis: $0) } ?? outputShape
  }

  /// Rows of one sample.
  package var rowsPerSample: Int { rowShape.count }

  /// Shape of the target of one sample as the graph takes it; nil without a target.
  var targetShape: Shape? {
    switch target {
    case .classes: rowShape
    case .values: outputShape
    case .none: nil
    }
  }

  /// What is reported beside the loss; nil where there is nothing but the loss.
  package var metric: Metric? {
    switch loss.kind {
    case .crossEntropy, .logProbabilities, .probabilities:
      target == .classes ? (rowsPerSample == 1 ? .accuracy : .tokenAccuracy) : nil
    case .squaredError: .r2
    case .binaryCrossEntropy: .accuracy
    case .output: nil
    }
  }
}

extension Shape {
  /// The shape without one of its axes.
  func removing(axis: Int) -> Shape {
    var dimensions = dimensions
    dimensions.remove(at: axis)
    return Shape(dimensions)
  }
}
