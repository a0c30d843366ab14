internal import ComputationGraph

/// When a step runs.
enum Stage: Int, CaseIterable {
  /// Once per setting of the weights.
  case shared
  /// Once per micro-batch.
  case sample
  /// Once, on the sums over all micro-batches.
  case epilogue

  var space: MemorySpace {
    switch self {
    case .shared: .shared
    case .sample: .arena
    case .epilogue: .epilogue
    }
  }
}

/// A tensor whose place is not decided yet.
struct TensorID: Hashable {
  let index: Int
}

/// What is known of a tensor before memory is laid out.
struct TensorRecord {
  enum Residence: Hashable {
    case space(MemorySpace)
    case external(Int)
  }

  var residence: Residence
  var count: Int
  var layout: TensorLayout
  /// Kept to the end of its stage: an output, or read by a later stage.
  var pinned = false
}

/// A kernel to be, with tensors instead of places.
struct Step {
  let stage: Stage
  let reads: [TensorID]
  let writes: [TensorID]
  /// Memory that only this step uses.
  var temporaries: [TensorID] = []
  /// Read tensors whose place the result may take when they are not needed any more.
  var inPlace: [TensorID] = []
  /// What the kernel counts as samples of a chunk: so many for each sample.
  var rows = 1
  let label: String
  /// Numbers of the sums over micro-batches that one summand is there of behind this step.
  var delivers: [Int] = []
  /// The first pass over the plan that needs it.
  var pass = 0
  let make: (_ place: (TensorID) -> Buffer) -> any Kernel

  /// All memory that the step touches.
  var tensors: [TensorID] { reads + writes + temporaries }
}

/// A sum over micro-batches.
struct SampleSum {
  let value: Value
  /// What a micro-batch adds to it; its memory is used again behind the step that delivers it.
  let summand: TensorID
  /// The sum, in the memory of what follows, which may write its results there.
  let total: TensorID
}

/// A kernel with its name for reports.
struct Instruction: Sendable {
  let kernel: any Kernel
  let label: String
  /// Number of the independent group of shared steps that it belongs to.
  let component: Int
  /// Runs for every direction; others may find their results kept.
  let repeats: Bool
  /// Numbers of the sums over micro-batches that one summand is there of when it has run.
  let delivers: [Int]
  /// The pass over the plan that it belongs to.
  let pass: Int
  /// What it reads of all samples, and was computed chunk by chunk.
  var gathers: [Program.Output] = []
}

/// Decides the places of all tensors of a list of steps by their lifetimes.
///
/// Shared steps run in parallel, one component after another on each worker: what only steps of its
/// component read lies in the worker's own memory, which the next component uses again.
struct MemoryLayout {
  private(set) var extents = [Int](repeating: 0, count: MemorySpace.allCases.count)
  private(set) var places: [TensorID: BufferPlace] = [:]

  /// Decides the places.
  ///
  /// - Parameters:
  ///   - steps: All steps in their order.
  ///   - records: What is known of the tensors.
  ///   - totals: Tensors that no step writes.
  ///   - components: Number of the group of shared steps that each step belongs to.
  ///   - kept: Tensors of a micro-batch that lie in memory of their own.
  init(
    steps: [Step], records: [TensorRecord], totals: [TensorID], components: [Int],
    kept: Set<TensorID>
  ) {
    let shared = steps.indices.filter { steps[$0].stage == .shared }
    let order =
      shared.sorted { (components[$0], $0) < (components[$1], $1) }
      + steps.indices.filter { steps[$0].stage != .shared }
    var lastUse: [TensorID: Int] = [:]
    for number in order {
      for tensor in steps[number].tensors { lastUse[tensor] = number }
    }
    /// Where a tensor's memory is; nil where the caller binds it.
    func space(_ tensor: TensorID) -> MemorySpace? {
      if kept.contains(tensor) { return .kept }
      let record = records[tensor.index]
      guard case .space(let space) = record.residence else { return nil }
      return space == .shared && !record.pinned ? .local : space
    }
    var allocators = [ArenaAllocator](
      repeating: ArenaAllocator(), count: MemorySpace.allCases.count)
    for (index, record) in records.enumerated() {
      if case .external(let number) = record.residence {
        places[TensorID(index: index)] = .external(number)
      }
    }
    for tensor in totals {
      guard let space = space(tensor) else { continue }
      places[tensor] = .space(
        space, offset: allocators[space.rawValue].allocate(records[tensor.index].count))
    }
    for number in order {
      let step = steps[number]
      /// The tensor's memory may be used again behind this step.
      func dies(_ tensor: TensorID) -> Bool {
        lastUse[tensor] == number && !records[tensor.index].pinned && !kept.contains(tensor)
          && places[tensor].map { if case .space = $0 { true } else { false } } ?? false
      }
      var taken: Set<TensorID> = []
      for tensor in step.writes + step.temporaries where places[tensor] == nil {
        guard let target = space(tensor) else { continue }
        let size = ArenaAllocator.rounded(records[tensor.index].count)
        if step.writes.first == tensor,
          let donor = step.inPlace.first(where: {
            dies($0) && space($0) == target
              && ArenaAllocator.rounded(records[$0.index].count) == size
          })
        {
          places[tensor] = places[donor]
          taken.insert(donor)
        } else {
          places[tensor] = .space(
            target, offset: allocators[target.rawValue].allocate(records[tensor.index].count))
        }
      }
      for tensor in Set(step.tensors).sorted(by: { $0.index < $1.index })
      where dies(tensor) && !taken.contains(tensor) {
        guard case .space(let space, let offset)? = places[tensor] else { continue }
        allocators[space.rawValue].release(offset: offset, count: records[tensor.index].count)
      }
    }
    extents = allocators.map(\.extent)
  }
}
