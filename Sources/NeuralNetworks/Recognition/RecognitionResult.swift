package import ComputationGraph

/// What `Architecture.recognize` found.
package struct RecognitionResult: Sendable {
  /// Architectures that the tensors fit completely, the likeliest first.
  ///
  /// More than one where weights cannot tell (`resnet20` and `resnet20-noshort`).
  package let matches: [ArchitectureMatch]
  /// Candidates that were compared and do not fit.
  private let misses: [NearMiss]
  private let found: FoundTensors
  private let input: Architecture.Input?

  init(
    matches: [ArchitectureMatch], misses: [NearMiss], found: FoundTensors,
    input: Architecture.Input?
  ) {
    self.matches = matches
    self.misses = misses
    self.found = found
    self.input = input
  }

  /// Where nothing matches: the closest architectures, closest first, three at most.
  ///
  /// - Complexity: Makes a dozen networks, so it is asked for where it is shown.
  package var nearMisses: [NearMiss] {
    guard matches.isEmpty else { return [] }
    let all =
      misses
      + found.nearCandidates(input: input).compactMap { candidate in
        if case .neither(let miss)? = found.comparison(with: candidate) { miss } else { nil }
      }
    // Ties stay in the order of the candidates.
    let order = all.indices.sorted {
      (all[$0].differenceCount, $0) < (all[$1].differenceCount, $1)
    }
    return order.prefix(3).map { all[$0] }
  }
}

/// An architecture that a set of tensors fits.
package struct ArchitectureMatch: Hashable, Sendable {
  /// The architecture.
  package let architecture: Architecture
  /// For each name in the layouts of parameters and buffers, the name of its tensor.
  package let tensorNames: [String: String]

  /// Joins the parts.
  package init(architecture: Architecture, tensorNames: [String: String]) {
    self.architecture = architecture
    self.tensorNames = tensorNames
  }
}

/// An architecture that a set of tensors almost fits.
package struct NearMiss: Hashable, Sendable, CustomStringConvertible {
  /// The architecture.
  package let architecture: Architecture
  /// The first few differences.
  package let differences: [TensorDifference]
  /// Number of all differences.
  package let differenceCount: Int

  /// One line for the user.
  package var description: String {
    let rest = differenceCount - differences.count
    return "\(architecture.name): " + differences.map(\.description).joined(separator: "; ")
      + (rest > 0 ? "; and \(rest) more" : "")
  }
}

/// One way in which tensors differ from what an architecture asks for.
package enum TensorDifference: Hashable, Sendable, CustomStringConvertible {
  /// The architecture has a tensor that is not there.
  case missing(name: String, shape: Shape)
  /// A tensor that the architecture does not have.
  case unexpected(name: String, shape: Shape)
  /// A tensor of another shape.
  case shape(name: String, expected: Shape, found: Shape)

  /// Text like `conv1.weight is [32, 3, 3, 3] instead of [16, 3, 3, 3]`.
  package var description: String {
    switch self {
    case .missing(let name, let shape): "\(name) \(shape) is missing"
    case .unexpected(let name, let shape): "\(name) \(shape) is not part of it"
    case .shape(let name, let expected, let found): "\(name) is \(found) instead of \(expected)"
    }
  }
}
