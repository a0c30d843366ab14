package import ComputationGraph

/// What a graph's multiplications are spent on, and how many samples should go through it at once.
///
/// A function of the graph and the number of samples, never of timings or threads, so that results
/// have the same bits everywhere.
package struct GraphWork: Sendable {
  /// Whether at least half of the multiplications are matrix products.
  ///
  /// A product with few rows waits for its weights; a convolution multiplies each of them with all
  /// pixels of an image.
  package let isDense: Bool
  /// Rows of one sample in the largest matrix product, 1 where samples are single rows.
  private let rowsPerSample: Int
  /// Floats of all values of a sample.
  private let floatsPerSample: Int
  /// Multiplications of a parameter in one sample, on average: pixels that a filter is applied to.
  private let usesPerSample: Int

  /// Samples of a micro-batch where convolutions prevail: activations stay in the second-level cache.
  private static let convolutional = 16
  /// Rows of a batch that threads share: with twice as many, products take 1.5 times the memory
  /// and as much time.
  private static let sharedRows = 512
  /// Rows of a matrix product that suffice: every micro-batch also adds a weight gradient to a sum,
  /// at 512 rows about a tenth of the time.
  private static let rows = 512
  /// Rows below which sharing the samples between threads does not pay.
  private static let fewestRows = 32
  /// Micro-batches that threads can share, if there are enough samples.
  private static let parts = 8
  /// Floats that the values of a micro-batch may take.
  private static let floats = 1 << 24

  /// Looks at a graph.
  ///
  /// - Parameters:
  ///   - graph: The network, without derivatives.
  ///   - outputs: What it computes.
  ///   - batch: Samples that the graph is built for; any number of at least 2.
  /// - Complexity: Linear in the nodes.
  package init(_ graph: Graph, outputs: [Value], batch: Int) {
    var products = 0
    var largest = (work: 0, rows: batch)
    var (floats, parameters) = (0, 0)
    for value in graph.reachable(from: outputs) {
      let node = graph[value]
      if case .input(let p) = node.operation, p.role == .parameter {
        parameters += node.shape.count
      }
      if node.shape.rank > 0 && node.shape[0] == batch { floats += node.shape.count / batch }
      guard case .matrixProduct(let p) = node.operation else { continue }
      let work = node.shape.count * graph.shape(of: node.inputs[0])[p.transposeA ? 0 : 1]
      products += work
      if work > largest.work { largest = (work, node.shape[0]) }
    }
    let work = graph.multiplyAddCount(of: outputs)
    isDense = products > 0 && 2 * products >= work
    rowsPerSample = max(1, largest.rows / batch)
    floatsPerSample = max(1, floats)
    usesPerSample = work / batch / max(1, parameters)
  }

  /// Samples of a micro-batch.
  ///
  /// Where convolutions prevail 16, or 32 where 16 use a parameter less than 512 times: every micro-batch
  /// transforms all filters and adds their gradients. Half of the samples where that is fewer: with one
  /// micro-batch there would be work for one thread.
  /// Otherwise as many as make 512 rows, but an eighth of the samples
  /// if that is at least 32 rows, and no more than have room in 64 MiB.
  ///
  /// - Parameter samples: Number of samples that are evaluated.
  /// - Returns: At least 2.
  package func microBatch(samples: Int) -> Int {
    guard isDense else {
      let isEnough = Self.convolutional * usesPerSample >= Self.rows
      return min(Self.convolutional * (isEnough ? 1 : 2), max(2, (samples + 1) / 2))
    }
    let fewest = (Self.fewestRows + rowsPerSample - 1) / rowsPerSample
    let share = max(fewest, (samples + Self.parts - 1) / Self.parts)
    let room = max(fewest, Self.floats / floatsPerSample)
    return max(2, min(share, room, Self.rows / rowsPerSample))
  }

  /// Samples that threads take through a network together, where a sample is so many rows that one
  /// fills a thread; nil where each thread had better have micro-batches of its own.
  ///
  /// Weight gradients are then computed once for all of them, with their columns shared out, and no
  /// thread holds one of its own. Batches of near-equal size have at most 512 rows, or two samples.
  ///
  /// - Parameter samples: Number of samples that are evaluated.
  /// - Returns: At least 2.
  package func sharedBatch(samples: Int) -> Int? {
    guard isDense, rowsPerSample >= Self.fewestRows else { return nil }
    let most = max(2, Self.sharedRows / rowsPerSample)
    let batches = max(1, (samples + most - 1) / most)
    return max(2, (samples + batches - 1) / batches)
  }

  /// Samples of a shared batch that one thread takes through a step: at least 128 rows.
  package var sharedChunk: Int { max(1, 128 / rowsPerSample) }
}
