import ComputationGraph
import Foundation
import LinearAlgebra
import ReferenceRuntime
import Synchronization
import TestSupport
import Testing

@testable import GraphRuntime

/// Values of a graph to compare: some for the whole batch and some with a row per sample.
struct WantedValues {
  var sums: [Value] = []
  var samples: [Value] = []
}

/// A computation that can be built for any number of samples.
typealias GraphBuilder = (_ graph: inout Graph, _ batch: Int) throws -> WantedValues

extension Graph {
  /// The same images out of pooling: they and what they are combined with are stored in blocks.
  mutating func images(_ x: Value) throws(ShapeError) -> Value {
    try averagePool(x, PoolingWindow(size: 1, stride: 1))
  }
}

/// Results of a run: the sums, and the rows of all samples behind one another.
struct RuntimeResult: Equatable {
  var sums: [[Float]] = []
  var samples: [[Float]] = []
}

/// Elements of the inputs of a graph, the same for every executor.
///
/// The name of an input decides what it holds: `positive...` numbers of at least 1/2, `targets`
/// one-hot rows, `indices below N ...` integers; all others are normal.
struct RuntimeData {
  let seed: Int

  func elements(_ name: String, _ shape: Shape, rows: Range<Int>? = nil) -> [Float] {
    guard let rows else { return block(name, shape.count, index: 0, width: 1) }
    let width = shape.count / shape[0]
    return rows.flatMap { block(name, width, index: 1 + $0, width: width) }
  }

  private func block(_ name: String, _ count: Int, index: Int, width: Int) -> [Float] {
    var draws = Draws(name.utf8.reduce(seed) { $0 &* 31 &+ Int($1) } &+ index &* 7919)
    if name == "targets" {
      let label = draws.below(width)
      return (0..<width).map { $0 == label ? 1 : 0 }
    }
    if name.hasPrefix("indices below "), let bound = Int(name.split(separator: " ")[2]) {
      return (0..<count).map { _ in Float(draws.below(bound)) }
    }
    return (0..<count).map { _ in
      let x = draws.normal()
      return name.hasPrefix("positive") ? abs(x) + 0.5 : x
    }
  }
}

/// Memory that a closure on another thread may read and write.
final class FloatRows: @unchecked Sendable {
  let block: FloatBlock
  let offset: Int
  init(_ elements: [Float], offset: Int = 0) {
    self.offset = offset
    block = FloatBlock(count: elements.count + offset)
    for (i, x) in elements.enumerated() { block.pointer[offset + i] = x }
  }
  var pointer: UnsafeMutablePointer<Float> { block.pointer + offset }
}

/// Runs one computation on the fast executor and on the reference.
struct RuntimeComparison {
  /// Samples of a micro-batch.
  var batch = 3
  /// Number of micro-batches.
  var batches = 2
  var seed = 1
  var block: Int?
  var threads = 1
  var choice = ConvolutionChoice.automatic
  let build: GraphBuilder

  init(
    batch: Int = 3, batches: Int = 2, seed: Int = 1, block: Int? = nil, threads: Int = 1,
    build: @escaping GraphBuilder
  ) {
    self.batch = batch
    self.batches = batches
    self.seed = seed
    self.block = block
    self.threads = threads
    self.build = build
  }

  var samples: Int { batch * batches }

  /// Results of the fast executor; `overwrite` replaces elements of the inputs.
  func run(
    _ execution: BatchExecution, repetitions: Int = 1,
    overwrite: ((_ name: String, _ elements: inout [Float]) -> Void)? = nil
  ) throws -> RuntimeResult {
    let whole = execution != .microBatches
    let size = whole ? samples : batch
    let count = whole ? 1 : batches
    var graph = Graph()
    let wanted = try build(&graph, size)
    let executor = try GraphExecutor(
      graph, outputs: wanted.sums, sampleOutputs: wanted.samples, batch: size,
      execution: execution, convolution: choice, block: block,
      pool: WorkerPool(threadCount: threads))
    var result = RuntimeResult()
    for repetition in 0..<repetitions {
      // The last repetition has the data that counts, those before it others.
      let data = RuntimeData(seed: seed + 1000 * (repetitions - 1 - repetition))
      func rows(_ name: String, _ index: Int?) -> FloatRows {
        guard let input = graph.inputs.first(where: { $0.name == name }) else { return .init([]) }
        var elements = data.elements(
          name, graph.shape(of: input.value), rows: index.map { $0 * size..<($0 + 1) * size })
        overwrite?(name, &elements)
        // Parameters are parts of one vector, so they start anywhere.
        return FloatRows(elements, offset: index == nil ? 1 : 0)
      }
      let fixed = executor.fixedInputs.map { rows($0, nil) }
      let bound = (0..<count).map { index in executor.batchInputs.map { rows($0, index) } }
      let widths = wanted.samples.map { graph.shape(of: $0).count }
      let shown = widths.map { FloatRows([Float](repeating: 0, count: $0 * count)) }
      try withExtendedLifetime((fixed, bound, shown)) {
        executor.prepare(fixed: fixed.map { UnsafePointer($0.pointer) })
        result.sums = try executor.evaluate(
          fixed: fixed.map { UnsafePointer($0.pointer) }, batches: count,
          bind: { index, _ in bound[index].map { UnsafePointer($0.pointer) } },
          observe: { index, values in
            for (k, value) in values.enumerated() {
              (shown[k].pointer + index * widths[k]).update(from: value, count: widths[k])
            }
          },
          deliver: { outputs in outputs.map { Array($0.elements) } })
        result.samples = zip(shown, widths).map { rows, width in
          Array(UnsafeBufferPointer(start: rows.pointer, count: width * count))
        }
      }
    }
    return result
  }

  /// Results of the reference in `Double`, and the bound on the rounding of each.
  func reference() throws -> (sums: [[Double]], samples: [[Double]], bounds: [Double]) {
    var graph = Graph()
    let wanted = try build(&graph, samples)
    let data = RuntimeData(seed: seed)
    var inputs: [String: [Double]] = [:]
    for (value, name, role) in graph.inputs {
      let rows = role == .batch ? 0..<samples : nil
      inputs[name] = data.elements(name, graph.shape(of: value), rows: rows).map(Double.init)
    }
    let values = wanted.sums + wanted.samples
    let results = ReferenceRuntime.evaluate(graph, outputs: values, inputs: inputs)
    let depths = Self.depths(graph, values)
    return (
      Array(results.prefix(wanted.sums.count)), Array(results.dropFirst(wanted.sums.count)),
      values.map { 4 * Double(Float.ulpOfOne) * Double(depths[$0.index]).squareRoot() }
    )
  }

  /// Number of roundings, one behind another, that lead to each value.
  ///
  /// Errors of roundings are independent, so they add up like the square root of their number.
  static func depths(_ graph: Graph, _ outputs: [Value]) -> [Int] {
    var depths = [Int](repeating: 1, count: graph.nodes.count)
    for value in graph.reachable(from: outputs) {
      let node = graph[value]
      let shapes = node.inputs.map { graph.shape(of: $0) }
      let own: Int
      switch node.operation {
      case .matrixProduct(let p): own = p.inner(shapes[0])
      case .scatter(let p): own = p.indices.count
      case .scatterAdd: own = shapes[1].count
      case .convolution: own = shapes[1].count / shapes[1][0]
      case .convolutionInputGradient: own = shapes[1].count / shapes[1][1]
      case .convolutionFilterGradient: own = shapes[1].count / shapes[1][1]
      default: own = 1
      }
      depths[value.index] = own + (node.inputs.map { depths[$0.index] }.max() ?? 0)
    }
    return depths
  }

  /// Expects every result to agree with the reference, relatively in the 2-norm.
  ///
  /// `conditioning` says how much larger than the result the terms are that it is made of.
  func expectAgreement(
    _ executions: [BatchExecution], conditioning: Double = 1, _ what: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (sums, rows, bounds) = try reference()
    for execution in executions {
      let result = try run(execution)
      for (k, (found, expected)) in zip(result.sums + result.samples, sums + rows).enumerated() {
        let bound = bounds[k] * conditioning
        let error = Self.relativeError(found, expected)
        #expect(
          error <= bound, "\(what) output \(k), \(execution), block \(block ?? 0)",
          sourceLocation: sourceLocation)
      }
    }
  }

  /// `|found - expected| / |expected|` in the 2-norm; infinite for another number of elements.
  static func relativeError(_ found: [Float], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    var (error, norm) = (0.0, 0.0)
    for (x, y) in zip(found, expected) {
      let difference = Double(x) - y
      error += difference * difference
      norm += y * y
    }
    if error.isNaN || norm.isNaN { return .infinity }
    return norm == 0 ? (error == 0 ? 0 : .infinity) : (error / norm).squareRoot()
  }

  /// Micro-batches, and whole batches in several chunks, some of which leave a rest.
  static let allExecutions: [BatchExecution] = [
    .microBatches, .wholeBatch(chunk: 1), .wholeBatch(chunk: 2), .wholeBatch(chunk: 4),
    .wholeBatch(chunk: 100),
  ]
  static let wholeBatches = Array(allExecutions.dropFirst())
}
