internal import Datasets
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

/// Plans quantities of a model and a loss and runs them over samples; what stands behind risks and
/// training steps.
final class RiskEngine: @unchecked Sendable {
  // `@unchecked`: one caller at a time; parallelism is inside.

  let model: Model
  let loss: BoundLoss
  let device: any Device
  private var graphs: [RiskPlanKey: RiskGraph] = [:]

  init(_ model: Model, _ loss: BoundLoss, device: any Device) {
    self.model = model
    self.loss = loss
    self.device = device
  }

  /// The plan of a key, made once.
  ///
  /// Of plans for some of the parameters only those of the last ones are remembered: one layer after
  /// the other is asked for, or masks change for ever, and plans would only take memory.
  func graph(_ key: RiskPlanKey) throws -> RiskGraph {
    if let known = graphs[key] { return known }
    if key.isOfSomeParameters {
      for other in graphs.keys
      where other.isOfSomeParameters
        && (other.support, other.perturbed) != (key.support, key.perturbed)
      {
        graphs[other] = nil
      }
    }
    let created = try RiskGraph(model, loss, key, device: device)
    graphs[key] = created
    return created
  }

  /// Gives back the memory of all plans; what is evaluated again is planned again.
  func releasePlans() { graphs = [:] }

  /// Runs a plan over consecutive samples.
  ///
  /// - Parameters:
  ///   - graph: The plan.
  ///   - bound: The samples.
  ///   - range: Which of them; all up to the last one where they do not divide into micro-batches.
  ///   - point: Weights and buffers.
  ///   - direction: Vector in the space of the parameters, for products; or several, one behind the
  ///     other.
  ///   - firstBatch: Number of the first micro-batch among those that `kept` knows.
  ///   - kept: Values of earlier products at the same point and samples.
  ///   - dropout: Masks for all samples.
  ///   - outputs: Receives the outputs of the model where the quantity shows them.
  ///   - prepares: Whether the plan has not run with this point and direction yet.
  ///   - body: Receives what the outputs hold, which is valid until it returns.
  /// - Returns: What `body` makes of it.
  /// - Throws: `DatasetError` when a sample cannot be read, and what `body` throws.
  func run<Result>(
    _ graph: RiskGraph, _ bound: BoundSamples, _ range: Range<Int>, at point: ModelPoint,
    direction: Vector<Float>? = nil, firstBatch: Int = 0, kept: KeptValues? = nil,
    dropout: DropoutMasks = .none, outputs: OutputRows? = nil, prepares: Bool = true,
    _ body: (RiskPass) throws -> Result
  ) throws -> Result {
    let pass = PassOverSamples(
      graph, bound, range, dropout: dropout, workers: device.workerCount)
    return try pass.run(
      fixed: graph.fixed(point, direction: direction), firstBatch: firstBatch, kept: kept,
      outputs: outputs, prepares: prepares, body)
  }

  /// Runs both passes of a plan over all samples, which are one batch.
  ///
  /// - Parameters:
  ///   - graph: A plan with a second pass at perturbed weights.
  ///   - bound: The samples.
  ///   - point: Weights and buffers of the first pass.
  ///   - dropout: Masks for the samples, the same in both.
  ///   - first: Receives what the outputs of the first pass hold.
  ///   - perturbed: The weights of the second pass, which differ in the perturbed tensors alone.
  ///   - second: Receives what those of the second pass hold.
  /// - Returns: What both make of it.
  /// - Throws: `DatasetError` when a sample cannot be read, and what the closures throw.
  func runBothPasses<Result>(
    _ graph: RiskGraph, _ bound: BoundSamples, at point: ModelPoint, dropout: DropoutMasks = .none,
    first: (RiskPass) -> Result, perturbed: (Result) throws -> Vector<Float>,
    second: (RiskPass) -> Result
  ) throws -> (first: Result, second: Result) {
    let pass = PassOverSamples(
      graph, bound, 0..<bound.samples.count, dropout: dropout, workers: device.workerCount)
    let result = try pass.run(fixed: graph.fixed(point), first)
    let moved = try perturbed(result)
    return (result, try pass.run(1, fixed: graph.fixed(point, perturbed: moved), second))
  }
}
