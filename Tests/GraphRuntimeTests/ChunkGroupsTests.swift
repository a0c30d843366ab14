import Testing

@testable import GraphRuntime

/// Chunks of samples go through several steps at once only where they do not meet other chunks.
@Suite struct ChunkGroupsTests {
  /// Steps that are described by what they read and write; tensors are numbered.
  private struct Plan {
    /// Offset and count of each tensor in the arena.
    let tensors: [(offset: Int, count: Int)]
    let steps: [(KernelDivision, reads: [Int], writes: [Int], temporaries: [Int])]

    var groups: [Range<Int>] {
      func ids(_ numbers: [Int]) -> [TensorID] { numbers.map { TensorID(index: $0) } }
      return ChunkGroups(
        steps.map { step in
          Step(
            stage: .sample, reads: ids(step.reads), writes: ids(step.writes),
            temporaries: ids(step.temporaries), label: "",
            make: { _ in preconditionFailure("is not made") })
        },
        divisions: steps.map(\.0),
        records: tensors.map {
          TensorRecord(residence: .space(.arena), count: $0.count, layout: .plain)
        },
        places: Dictionary(
          uniqueKeysWithValues: tensors.enumerated().map {
            (TensorID(index: $0), BufferPlace.space(.arena, offset: $1.offset))
          })
      ).ranges
    }
  }

  @Test func stepsOverTheSameChunksAreOneGroup() {
    let plan = Plan(
      tensors: [(0, 64), (64, 64), (128, 16), (144, 32)],
      steps: [
        (.perChunk, [0], [1], []), (.perChunk, [1], [0], []), (.partialSums, [0], [2], [3]),
      ])
    #expect(plan.groups == [0..<3])
  }

  @Test func aSumIsFinishedBeforeItIsRead() {
    let plan = Plan(
      tensors: [(0, 64), (64, 16), (80, 32), (112, 64)],
      steps: [
        (.partialSums, [0], [1], [2]), (.perChunk, [0], [3], []), (.perChunk, [1, 0], [3], []),
      ])
    #expect(plan.groups == [0..<2, 2..<3])
  }

  @Test func stepsThatAreNotDividedStandAlone() {
    let plan = Plan(
      tensors: [(0, 64), (64, 16), (128, 64)],
      steps: [
        (.perChunk, [0], [2], []), (.whole, [1], [1], []), (.whole, [1], [1], []),
        (.perChunk, [0], [2], []),
      ])
    #expect(plan.groups == [0..<1, 1..<2, 2..<3, 3..<4])
  }

  @Test func memoryThatOtherTensorsUsedIsWaitedFor() {
    // Tensor 2 lies over parts of tensor 0 that belong to other chunks.
    for (offset, count) in [(32, 64), (0, 32)] {
      let plan = Plan(
        tensors: [(0, 64), (128, 64), (offset, count)],
        steps: [(.perChunk, [0], [1], []), (.perChunk, [1], [2], [])])
      #expect(plan.groups == [0..<1, 1..<2])
    }
    // Parts of two sums in one place: the first is added up before.
    let sums = Plan(
      tensors: [(0, 64), (64, 8), (72, 8), (80, 16), (80, 16)],
      steps: [(.partialSums, [0], [1], [3]), (.partialSums, [0], [2], [4])])
    #expect(sums.groups == [0..<1, 1..<2])
  }
}
