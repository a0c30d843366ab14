package import ComputationGraph
package import Datasets
package import NeuralNetworks
internal import Settings

/// A loss for the outputs of one model and targets of one kind: shapes are known and fit.
package struct BoundLoss: Hashable, Sendable {
  /// What a target holds.
  package enum Target: Hashable, Sendable {
    /// One class per row; losses of numbers compare the outputs with 1 for it and 0 for the others.
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
  /// Without a choice, whole numbers mean cross-entropy, and other targets a squared error, unless the
  /// model says that its outputs are probabilities. That the output is the loss must be said: without
  /// a target any network would do.
  ///
  /// Classes are the last axis of the output, or the first one where the other axes are those of the
  /// target (images of classes). Axes of extent 1 do not matter.
  ///
  /// - Throws: `RiskError` when they do not.
  package init(
    _ choice: Loss?, model: Model, target array: SampleArray?
  ) throws(RiskError) {
    let output = model.outputShape
    guard
      let loss = choice ?? array.map({ Loss(Fit.usualLoss(of: model, for: $0)) })
    else {
      throw RiskError(
        description:
          "the data have no target that the output \(output) of \(model.name) is compared "
          + "with; add an array named target, or choose \(.loss) output where the output is the loss"
      )
    }
    let fit = Fit(loss: loss, model: model, array: array)
    self.loss = loss
    outputShape = output
    switch loss.kind {
    case .output: (target, classAxis) = (try fit.output(), nil)
    case .squaredError, .binaryCrossEntropy, .eventProbabilities:
      (target, classAxis) = try fit.values()
    case .crossEntropy, .logProbabilities, .probabilities: (target, classAxis) = try fit.classes()
    }
  }

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
    case .output: nil
    case .crossEntropy, .logProbabilities, .probabilities:
      target == .classes ? (rowsPerSample == 1 ? .accuracy : .tokenAccuracy) : nil
    case _ where target == .classes: .accuracy
    case .squaredError: .r2
    case .binaryCrossEntropy, .eventProbabilities: .accuracy
    }
  }
}

/// How the shapes of outputs and targets meet.
private struct Fit {
  let loss: Loss
  let model: Model
  let array: SampleArray?

  private var shape: Shape { model.outputShape }

  /// The loss when nobody chooses one.
  static func usualLoss(of model: Model, for array: SampleArray) -> Loss.Kind {
    switch model.recipe.definition.outputScale {
    case .probabilities: return .probabilities
    case .logProbabilities: return .logProbabilities
    case .eventProbabilities where isLike(array, model.outputShape): return .eventProbabilities
    case .eventProbabilities, .numbers: return array.isInteger ? .crossEntropy : .squaredError
    }
  }

  private func misfit(_ what: String) -> RiskError {
    let has = array.map { "the target '\($0.name)' has \(Shape($0.shape)) per sample" }
    return RiskError(
      description: "\(loss.kind.rawValue): \(has ?? "the data have no target") and "
        + "\(model.name) gives \(shape); \(what)")
  }

  /// One number per sample, whatever the data have beside the inputs.
  func output() throws(RiskError) -> BoundLoss.Target {
    guard shape.count == 1 else {
      throw RiskError(
        description:
          "\(loss.kind.rawValue): \(model.name) gives \(shape) per sample, but a loss is "
          + "one number; choose another \(.loss)")
    }
    try refuseClassSettings()
    return .none
  }

  /// A number for each output, or a class of each row.
  func values() throws(RiskError) -> (BoundLoss.Target, axis: Int?) {
    guard let array else { throw misfit("add an array named target") }
    if Self.isLike(array, shape) {
      try refuseClassSettings()
      return (.values, nil)
    }
    guard array.isInteger, rowAxis(of: array) != nil else {
      throw misfit(
        "give one number for each output"
          + (array.isInteger ? ", or one class, a whole number, for each row of outputs" : ""))
    }
    return try classes()
  }

  /// The axis of the classes where an array has one number for each row; nil where it has not.
  private func rowAxis(of array: SampleArray) -> Int? {
    guard shape.rank >= 1 else { return nil }
    return [shape.rank - 1, 0].first { Self.isLike(array, shape.removing(axis: $0)) }
  }

  /// A class of each row, or probabilities of all classes.
  func classes() throws(RiskError) -> (BoundLoss.Target, axis: Int) {
    guard let array else { throw misfit("add an array named target") }
    guard shape.rank >= 1 else { throw misfit("classes need an axis of their own") }
    let last = shape.rank - 1
    var (target, axis) = (BoundLoss.Target.values, last)
    if array.isInteger {
      guard let found = rowAxis(of: array)
      else { throw misfit("give one class, a whole number, for each row of outputs") }
      (target, axis) = (.classes, found)
    } else if Shape(array.shape) != shape {
      throw misfit(
        "give classes as whole numbers, or a probability for each output; or choose \(.loss) "
          + "squared-error")
    }
    guard shape[axis] >= 2 else {
      throw misfit(
        "one class leaves nothing to tell apart; choose squared-error or "
          + "binary-cross-entropy with \(.loss)")
    }
    guard target == .classes || !loss.ignoresAnotherClass else {
      throw misfit("a class that does not count needs one class per row; put a 0 into weight")
    }
    guard let weights = loss.classWeights else { return (target, axis) }
    guard target == .classes else {
      throw misfit("class weights need one class per row; put them into the target or into weight")
    }
    guard weights.count == shape[axis] else {
      throw misfit("give one class weight for each of \(shape[axis]) classes, not \(weights.count)")
    }
    return (target, axis)
  }

  private func refuseClassSettings() throws(RiskError) {
    guard loss.classWeights == nil, loss.labelSmoothing == 0 else {
      throw RiskError(
        description: "\(loss.kind.rawValue) has no classes that could have weights or smoothed "
          + "labels; leave them out, or weigh samples by an array named weight")
    }
    guard !loss.ignoresAnotherClass else {
      throw RiskError(
        description:
          "\(loss.kind.rawValue) has no classes, and so none that does not count; leave it "
          + "out, or weigh samples by an array named weight")
    }
  }

  private static func isLike(_ array: SampleArray, _ shape: Shape) -> Bool {
    array.shape.filter { $0 != 1 } == shape.dimensions.filter { $0 != 1 }
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
