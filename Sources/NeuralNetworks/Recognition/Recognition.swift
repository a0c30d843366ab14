package import ComputationGraph

extension Architecture {
  /// Finds the architecture that tensors of a file belong to, by names, order and shapes.
  ///
  /// Candidates are proposed from counts and shapes and compared with their layouts: by name, and where
  /// none has the names, for other people's names for the same layers, by shapes in order. A prefix
  /// that wrappers put before all names (`module.`) and `num_batches_tracked` do not matter.
  ///
  /// - Parameters:
  ///   - tensors: All tensors in the order of the file.
  ///   - input: Size of the images where known; otherwise what the weights say, and for networks
  ///     that take any size 32 x 32 (CIFAR) or 224 x 224 (ImageNet).
  ///   - stated: The architecture that the user names, which is one of the candidates then.
  /// - Returns: The matches, or the closest architectures with their differences.
  package static func recognize(
    _ tensors: [(name: String, shape: Shape)], input: Input? = nil, stated: String? = nil
  ) -> RecognitionResult {
    let found = FoundTensors(tensors)
    var named: [ArchitectureMatch] = []
    var positional: [ArchitectureMatch] = []
    var misses: [NearMiss] = []
    for candidate in found.candidates(input: input, stated: stated) {
      switch found.comparison(with: candidate) {
      case .names(let match)?: named.append(match)
      case .shapes(let match)?: positional.append(match)
      case .neither(let miss)?: misses.append(miss)
      case nil: continue
      }
    }
    // Who has the names has the order and shapes too, under other names of the same network.
    let matches = named.isEmpty ? positional.withoutShadowedOnes : named
    return RecognitionResult(
      matches: likeliestFirst(matches, input: input), misses: misses, found: found, input: input)
  }

  /// Networks for large images behind the others where the images are small, before them otherwise.
  private static func likeliestFirst(
    _ matches: [ArchitectureMatch], input: Input?
  ) -> [ArchitectureMatch] {
    let areSmall: Bool
    if case .image(_, let height, let width) = input {
      areSmall = max(height, width) < 128
    } else {
      areSmall = matches.first.map { $0.architecture.classCount != 1000 } ?? true
    }
    let fitting = matches.filter { $0.architecture.isForLargeImages != areSmall }
    return fitting + matches.filter { $0.architecture.isForLargeImages == areSmall }
  }
}

extension [ArchitectureMatch] {
  /// Without transformers of certain names where those of any names fit, which are all of them.
  fileprivate var withoutShadowedOnes: [ArchitectureMatch] {
    let encoders = filter { $0.architecture.family.definition is EncoderTransformer }
    return encoders.isEmpty ? self : encoders
  }
}

/// A tensor by its name without wrappers' prefixes.
struct NamedTensor: Sendable {
  let name: String
  let shape: Shape

  /// Whether it is a running statistic.
  var isBuffer: Bool { name.hasSuffix(".running_mean") || name.hasSuffix(".running_var") }

  /// Last component of the name: `weight`, `bias`, `running_mean`, ...
  var suffix: Substring { name.split(separator: ".").last ?? "" }
}

/// What tensors have in common with a candidate.
enum TensorComparison {
  case names(ArchitectureMatch)
  /// The same layers with other people's names.
  case shapes(ArchitectureMatch)
  case neither(NearMiss)
}

/// The tensors that an architecture asks for.
struct ExpectedTensors {
  let parameters: [NamedTensor]
  let buffers: [NamedTensor]

  init(_ model: Model) {
    parameters = model.layout.segments.map { NamedTensor(name: $0.name, shape: $0.shape) }
    buffers = model.bufferLayout.segments.map { NamedTensor(name: $0.name, shape: $0.shape) }
  }
}

/// The tensors of a file.
struct FoundTensors: Sendable {
  let prefix: String
  let parameters: [NamedTensor]
  let buffers: [NamedTensor]

  /// Shapes of all parameters by name.
  var shapes: [String: Shape] {
    Dictionary(parameters.map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
  }

  /// Numbers of parameters and of running statistics.
  var counts: TensorCounts {
    TensorCounts(parameters: parameters.count, buffers: buffers.count)
  }

  /// Whether there are no running statistics at all, as of batch norms that do not track them.
  var lacksStatistics: Bool { buffers.isEmpty }

  /// Shapes of all parameters with two or more axes.
  var weights: [Shape] { parameters.map(\.shape).filter { $0.rank >= 2 } }

  /// Shapes of linear weights and tables.
  var matrices: [Shape] { parameters.map(\.shape).filter { $0.rank == 2 } }

  /// Shapes of filters.
  var filters: [Shape] { parameters.map(\.shape).filter { $0.rank == 4 } }

  init(_ tensors: [(name: String, shape: Shape)]) {
    let prefix = WrapperPrefix.shared(by: tensors.map(\.name))
    let named = tensors.filter { !$0.name.hasSuffix("num_batches_tracked") }.map {
      NamedTensor(name: String($0.name.dropFirst(prefix.count)), shape: $0.shape)
    }
    self.prefix = prefix
    parameters = named.filter { !$0.isBuffer }
    buffers = named.filter { $0.isBuffer }
  }

  /// What the tensors have in common with a candidate; nil where its images are too small.
  func comparison(with candidate: Architecture) -> TensorComparison? {
    guard let (architecture, expected) = expectation(of: candidate) else { return nil }
    let differences = differences(from: expected)
    if differences.isEmpty {
      return .names(
        ArchitectureMatch(architecture: architecture, tensorNames: originalNames(of: expected)))
    }
    if let names = encoderNames(of: architecture, expected) ?? positionalNames(of: expected) {
      return .shapes(ArchitectureMatch(architecture: architecture, tensorNames: names))
    }
    return .neither(
      NearMiss(
        architecture: architecture, differences: Array(differences.prefix(4)),
        differenceCount: differences.count))
  }

  /// The tensors of a candidate, with as many outputs as its last layer has in the file; nil where its
  /// images are too small.
  func expectation(
    of candidate: Architecture
  ) -> (architecture: Architecture, tensors: ExpectedTensors)? {
    guard let model = try? Model(candidate) else { return nil }
    let last = model.layout.segments.last { $0.shape.rank >= 2 }
    guard let last, let found = parameters.first(where: { $0.name == last.name })?.shape,
      found.rank == last.shape.rank, found[0] != candidate.classCount,
      let other = try? Architecture(
        family: candidate.family, input: candidate.input, classCount: found[0]),
      let model = try? Model(other)
    else { return (candidate, ExpectedTensors(model)) }
    return (other, ExpectedTensors(model))
  }

  /// Everything that is missing, left over or of another shape, in the order of the layout.
  func differences(from expected: ExpectedTensors) -> [TensorDifference] {
    let shapes = Dictionary(
      (parameters + buffers).map { ($0.name, $0.shape) }, uniquingKeysWith: { first, _ in first })
    let wanted = expected.parameters + (lacksStatistics ? [] : expected.buffers)
    var differences: [TensorDifference] = []
    for tensor in wanted {
      if let shape = shapes[tensor.name] {
        if shape != tensor.shape {
          differences.append(.shape(name: tensor.name, expected: tensor.shape, found: shape))
        }
      } else {
        differences.append(.missing(name: tensor.name, shape: tensor.shape))
      }
    }
    let names = Set(wanted.map(\.name))
    for tensor in parameters + buffers where !names.contains(tensor.name) {
      differences.append(.unexpected(name: tensor.name, shape: tensor.shape))
    }
    return differences
  }

  /// Names in the file where they agree with the layout but for the prefix.
  func originalNames(of expected: ExpectedTensors) -> [String: String] {
    Dictionary(
      (expected.parameters + expected.buffers).map { ($0.name, prefix + $0.name) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Names in the file where its tensors are those of a transformer under other names.
  private func encoderNames(
    of architecture: Architecture, _ expected: ExpectedTensors
  ) -> [String: String]? {
    guard architecture.family.definition is EncoderTransformer,
      let found = EncoderTensors(parameters, channels: architecture.input.imageChannels),
      found.tensorNames.count == expected.parameters.count
    else { return nil }
    let shapes = shapes
    var names: [String: String] = [:]
    for tensor in expected.parameters {
      guard let name = found.tensorNames[tensor.name], shapes[name] == tensor.shape else {
        return nil
      }
      names[tensor.name] = prefix + name
    }
    return names
  }

  /// Names in the file where shapes and kinds agree with the layout in order.
  func positionalNames(of expected: ExpectedTensors) -> [String: String]? {
    var names: [String: String] = [:]
    let statistics = lacksStatistics ? [] : [(expected.buffers, buffers)]
    for (wanted, found) in [(expected.parameters, parameters)] + statistics {
      guard wanted.count == found.count else { return nil }
      for (a, b) in zip(wanted, found) {
        guard a.shape == b.shape, a.suffix == b.suffix else { return nil }
        names[a.name] = prefix + b.name
      }
    }
    return names
  }
}
