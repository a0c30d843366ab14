import Analyses
import Krylov
import DigitsReference
import ComputationGraph
import Checkpoints
import Datasets
import FileFormats
import Foundation
import LinearAlgebra
import NeuralNetworks
import Objectives
import TestSupport
import Testing
import Training

/// What programs do with the library that commands do with options.
@Suite struct TrainingPlanTests {
  private var plan: TrainingPlan {
    var plan = TrainingPlan(data: "digits", architecture: "mlp-8", optimizer: .sam)
    plan.epochs = 1
    plan.seed = 3
    return plan
  }

  @Test func theUntrainedNetworkIsThatBeforeTheFirstStep() throws {
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let summary = try plan.train(
        in: folder.path, keeping: KeptEpochs(every: 1), context: Watcher().context())
      #expect(summary.result.epochs == 1)
      let untrained = try plan.untrained()
      let first = try OpenedModel(folder.appending(path: "epochs/epoch-0.ckpt").path)
      #expect(first.point == untrained.point)
      let trained = try OpenedModel(folder.appending(path: "model.ckpt").path)
      #expect(trained.point != untrained.point)
      // The tenth that the training held out is not among its samples.
      let held = trained.samples.count - untrained.samples.count
      #expect(abs(held - trained.samples.count / 10) <= 1)
    }
  }

  @Test func oneTrainingAtATimeHasAFolder() throws {
    try withTemporaryFolder { (folder: URL) throws -> Void in
      let lock = try #require(FolderLock(folder.path))
      let error = #expect(throws: TrainingError.self) {
        try plan.train(in: folder.path, context: Watcher().context())
      }
      #expect(error?.description.contains("another process trains in this folder") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      withExtendedLifetime(lock) {}
    }
  }

  @Test func settingsThatCannotBeAreNamed() {
    var broken = plan
    broken.model.context = 1
    #expect(throws: AnalysisError.self) { try broken.validate() }
    broken = plan
    broken.learningRate = -1
    #expect(throws: TrainingError.self) { try broken.validate() }
    broken = plan
    broken.model.normalization = "nothing like that"
    #expect(throws: DatasetError.self) { try broken.validate() }
  }
}

@Suite struct ModelOfAProgramTests {
  /// The digits' network, described and weighed by hand.
  private struct Perceptron: ModelDefinition {
    let modelName = "perceptron"
    let inputs = [ModelInput("images", [1, 8, 8])]

    func build(_ inputs: [Value], in builder: inout ModelBuilder) throws(ShapeError) -> [Value] {
      let features = try builder.flatten(inputs[0])
      let hidden = try builder.relu(builder.linear(features, "hidden", outputs: 16))
      return [try builder.linear(hidden, "output", outputs: 10)]
    }
  }

  @Test func aNetworkOfAProgramHasTheNumbersOfThatInAFile() throws {
    let file = try OpenedModel.digits(.mlp)
    let own = try OpenedModel(
      Perceptron(), weights: file.point.weights.elements, samples: file.samples)
    #expect(own.layout.count == file.layout.count)
    let (ours, theirs) = (try own.risk(), try file.risk())
    #expect(try ours.value(at: own.point) == theirs.value(at: file.point))
    let (gradient, expected) = (
      try ours.gradient(at: own.point).gradient, try theirs.gradient(at: file.point).gradient
    )
    #expect(gradient == expected)
    var direction = Vector<Float>(zeros: own.layout.count)
    direction.add(gradient)
    #expect(
      try own.curvatureOperator().product(with: direction)
        == file.curvatureOperator().product(with: direction))
    #expect(own.at(own.point).sha256 == own.sha256)
    var moved = own.point
    moved.weights.elements.scale(by: 2)
    #expect(own.at(moved).sha256 != own.sha256)
    #expect(throws: AnalysisError.self) {
      try OpenedModel(Perceptron(), weights: Vector<Float>(zeros: 3), samples: file.samples)
    }
  }

  @Test func samplesAreThoseThatNetworksSee() throws {
    let file = try OpenedModel.digits(.mlp)
    let loaded = try Samples.load("digits", normalization: file.data.normalization)
    let first = loaded.prefix(file.samples.count)
    let (ours, theirs) = (first.inputs[0], file.samples.inputs[0])
    #expect(try first.values(of: ours) == file.samples.values(of: theirs))
    #expect(throws: DatasetError.self) { try Samples.load("/no/such/folder") }
  }
}
