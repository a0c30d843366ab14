package import Communication
package import ComputationGraph
package import LinearAlgebra

/// Where planned graphs run: the CPU, or another device behind the same protocol.
///
/// What a graph computes, how it falls into micro-batches and in which order sums are taken does not
/// depend on it.
package protocol Device: Sendable {
  /// Micro-batches that are bound at the same time.
  var workerCount: Int { get }
  /// Channels that are computed together: fewer of them save nothing.
  var channelBlock: Int { get }
  /// Plans a graph.
  ///
  /// - Throws: `PlanError` when the graph cannot be run so; what the device's libraries throw.
  func plan(_ graph: Graph, _ settings: PlanSettings) throws -> any PlannedGraph
}

/// What is wanted of a graph, and how it is to be run.
package struct PlanSettings: Sendable {
  /// What is handed out, one pass after the other over the same samples.
  package var passes: [ExecutorPass]
  /// Samples in the batch of the graph.
  package var batch: Int
  /// Micro-batches or the whole batch.
  package var execution: BatchExecution
  /// Which convolution algorithms may be used.
  package var convolution: ConvolutionChoice
  /// Whether evaluations may be given `KeptValues`.
  package var keepsValues: Bool
  /// Whether ranks share a batch however small it is; see `GraphExecutor`.
  package var sharesBatch: Bool

  /// Joins the parts.
  package init(
    passes: [ExecutorPass], batch: Int, execution: BatchExecution, convolution: ConvolutionChoice,
    keepsValues: Bool, sharesBatch: Bool = false
  ) {
    self.passes = passes
    self.batch = batch
    self.execution = execution
    self.convolution = convolution
    self.keepsValues = keepsValues
    self.sharesBatch = sharesBatch
  }
}

/// A graph that a device can evaluate again and again.
package protocol PlannedGraph: AnyObject, Sendable {
  /// Inputs that are the same for all micro-batches, in the order in which they are bound.
  var fixedInputs: [String] { get }
  /// Inputs that change with the micro-batch, in the order in which they are bound.
  var batchInputs: [String] { get }
  /// Those of them that steps read of all samples, although ranks share the batch.
  var wholeInputs: Set<String> { get }
  /// The samples of a whole batch that a rank takes through the steps that treat samples alone.
  var ownSamples: Range<Int> { get }
  /// Bytes of memory that the plan holds.
  var memoryBytes: Int { get }
  /// The same once micro-batches have been evaluated of which nothing is kept.
  var largestMemoryBytes: Int { get }
  /// Bytes of what can be kept of a micro-batch, or of the whole batch.
  var keptBytes: Int { get }

  /// Computes what does not depend on the batch; see `GraphExecutor.prepare`.
  func prepare(fixed: [TensorHandle], pass: Int, kept: KeptValues?) throws

  /// Runs all micro-batches; see `GraphExecutor.evaluate`.
  ///
  /// - Throws: What the device throws, and what `deliver` throws.
  func evaluate<Result>(
    fixed: [TensorHandle], pass: Int, batches: Int, firstBatch: Int, kept: KeptValues?,
    bind: @Sendable (_ batch: Int, _ worker: Int) -> [UnsafePointer<Float>],
    observe: (@Sendable (_ batch: Int, _ values: [UnsafePointer<Float>]) -> Void)?,
    deliver: ([ExecutorOutput]) throws -> Result
  ) throws -> Result
}

/// Consecutive elements of a vector that a graph reads.
///
/// The handle keeps the vector, so a device may read it in place, or copy it once for all handles on
/// the same vector.
package struct TensorHandle: Sendable {
  private let vector: Vector<Float>
  private let offset: Int

  /// The elements of a vector from a place on.
  package init(_ vector: Vector<Float>, from offset: Int = 0) {
    precondition(offset >= 0 && offset <= vector.count, "a place outside the vector")
    self.vector = vector
    self.offset = offset
  }

  /// Address of the first element, for as long as the handle lives.
  package var address: UnsafePointer<Float> {
    vector.withUnsafeBuffer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("vectors have memory") }
      return base + offset
    }
  }
}

/// The processor, with the threads of a pool.
package struct CPU: Device {
  private let pool: WorkerPool
  private let ranks: any Communicator

  /// Uses the threads of a pool.
  ///
  /// - Parameters:
  ///   - pool: The threads.
  ///   - ranks: Who shares micro-batches, see `GraphExecutor`.
  package init(_ pool: WorkerPool, ranks: any Communicator = Alone()) {
    self.pool = pool
    self.ranks = ranks
  }

  package var workerCount: Int { pool.threadCount }

  package var channelBlock: Int { GraphExecutor.channelBlock }

  package func plan(_ graph: Graph, _ settings: PlanSettings) throws -> any PlannedGraph {
    try GraphExecutor(
      graph, passes: settings.passes, batch: settings.batch, execution: settings.execution,
      convolution: settings.convolution, keepsValues: settings.keepsValues,
      sharesBatch: settings.sharesBatch, pool: pool, ranks: ranks)
  }
}

extension GraphExecutor: PlannedGraph {
  package func prepare(fixed: [TensorHandle], pass: Int, kept: KeptValues?) {
    withExtendedLifetime(fixed) {
      prepare(fixed: fixed.map(\.address), pass: pass, kept: kept)
    }
  }

  package func evaluate<Result>(
    fixed: [TensorHandle], pass: Int, batches: Int, firstBatch: Int, kept: KeptValues?,
    bind: @Sendable (_ batch: Int, _ worker: Int) -> [UnsafePointer<Float>],
    observe: (@Sendable (_ batch: Int, _ values: [UnsafePointer<Float>]) -> Void)?,
    deliver: ([ExecutorOutput]) throws -> Result
  ) throws -> Result {
    try withExtendedLifetime(fixed) {
      try evaluate(
        fixed: fixed.map(\.address), pass: pass, batches: batches, firstBatch: firstBatch,
        kept: kept, bind: bind, observe: observe, deliver: deliver)
    }
  }
}
