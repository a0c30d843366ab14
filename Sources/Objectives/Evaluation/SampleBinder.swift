internal import Datasets
internal import GraphRuntime
internal import LinearAlgebra
internal import NeuralNetworks

/// Where the samples of a micro-batch lie for an executor: in place where they are numbers in memory,
/// otherwise converted into memory of the worker that asks.
final class SampleBinder: @unchecked Sendable {
  // `@unchecked`: every worker writes memory of its own.

  /// Name of the graph's input for targets; model inputs have names of their own.
  static let targetName = "loss/target"
  /// Name of the graph's input for weights of rows.
  static let weightsName = "loss/weights"

  private enum Field {
    case array(SampleArray, inPlace: Vector<Float>?)
    /// Rows of all samples: drawn targets, dropout masks.
    case rows(Vector<Float>)
    case weights
  }

  private let bound: BoundSamples
  private let batch: Int
  private let fields: [(field: Field, size: Int, offset: Int)]
  private let memory: [UnsafeMutablePointer<Float>]
  private let failure = FirstError()

  /// Prepares the memory of all workers.
  ///
  /// - Parameters:
  ///   - bound: The samples.
  ///   - model: Whose inputs they are.
  ///   - batch: Samples of a micro-batch.
  ///   - names: Inputs of the graph that change with the batch, in order.
  ///   - dropout: Masks of all samples.
  ///   - workers: Number of workers.
  init(
    _ bound: BoundSamples, model: Model, batch: Int, names: [String],
    dropout: DropoutMasks, workers: Int
  ) {
    self.bound = bound
    self.batch = batch
    var offset = 0
    fields = names.map { name in
      let (field, size): (Field, Int)
      if name == Self.weightsName {
        (field, size) = (.weights, bound.loss.rowsPerSample)
      } else if name == Self.targetName {
        guard let target = bound.drawnTargets ?? bound.samples.target else {
          preconditionFailure("the loss has no target")
        }
        size = target.elementCount
        field =
          if bound.drawnTargets != nil, let floats = target.floats {
            .rows(floats)
          } else {
            // Classes are copied: those of rows that do not count are changed on the way.
            .array(
              target,
              inPlace: bound.loss.target == .classes ? nil : bound.samples.floats(of: target))
          }
      } else if let index = model.inputs.firstIndex(where: { $0.name == name }) {
        let array = bound.inputs[index]
        (field, size) = (
          .array(array, inPlace: bound.samples.floats(of: array)), array.elementCount
        )
      } else if let mask = dropout.masks[name] {
        (field, size) = (.rows(mask.elements), mask.sampleCount)
      } else {
        preconditionFailure("unknown batch input \(name)")
      }
      defer { offset += (batch * size + 15) / 16 * 16 }
      return (field, size, offset)
    }
    let count = max(offset, 1)
    memory = (0..<workers).map { _ in
      let raw = UnsafeMutableRawPointer.allocate(byteCount: 4 * count, alignment: 64)
      return raw.bindMemory(to: Float.self, capacity: count)
    }
  }

  deinit {
    for pointer in memory { UnsafeMutableRawPointer(pointer).deallocate() }
  }

  /// Pointers of the fields for the micro-batch that begins with a sample.
  ///
  /// They hold until the worker asks again, and as long as the binder lives.
  func pointers(at first: Int, worker: Int) -> [UnsafePointer<Float>] {
    fields.map { field, size, offset in
      let target = memory[worker] + offset
      let end = first + batch
      do {
        switch field {
        case .array(let array, let inPlace):
          if let inPlace, end <= bound.samples.count {
            return TensorHandle(inPlace, from: first * size).address
          }
          try bound.samples.read(array, first..<end, to: target)
          if bound.loss.target == .classes, array.name == bound.samples.target?.name {
            clearIgnored(target, count: batch * size)
          }
        case .rows(let values):
          let place = first * size
          if place + batch * size <= values.count {
            return TensorHandle(values, from: place).address
          }
          for row in 0..<batch {
            // Padding repeats the last row.
            let source = min(place + row * size, values.count - size)
            (target + row * size).update(
              from: TensorHandle(values, from: source).address, count: size)
          }
        case .weights: try bound.weights.write(first..<end, to: target)
        }
      } catch {
        failure.set(error)
        target.update(repeating: .nan, count: batch * size)
      }
      return UnsafePointer(target)
    }
  }

  /// Throws what reading a sample has thrown.
  func check() throws { try failure.check() }

  /// Rows that do not count take class 0, so that every index is one.
  private func clearIgnored(_ target: UnsafeMutablePointer<Float>, count: Int) {
    let loss = bound.loss.loss
    for i in 0..<count where loss.ignores(Int(target[i])) { target[i] = 0 }
  }
}
