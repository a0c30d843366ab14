/// Finds what is read of all samples though it was computed chunk by chunk: what ranks that share the chunks of
/// a batch must give each other.
struct ChunkedValues {
  /// Tensors of which each rank has the rows of its own chunks.
  private var tensors: Set<TensorID> = []

  /// Takes the next step.
  ///
  /// - Returns: Tensors whose other rows must be there before it.
  mutating func gathers(_ step: Step, _ division: KernelDivision) -> [TensorID] {
    guard step.stage == .sample else { return [] }
    switch division {
    case .perChunk:
      tensors.formUnion(step.writes)
      return []
    // Their parts are brought together instead.
    case .partialSums: return []
    case .whole, .perShare: return take(step.reads)
    }
  }

  /// Takes tensors that are read whole: those whose other rows must be there, which then are.
  mutating func take(_ read: [TensorID]) -> [TensorID] {
    read.filter { tensors.remove($0) != nil }
  }
}
