internal import ComputationGraph

extension FoundTensors {
  /// Architectures that the tensors could belong to, the likelier first.
  func candidates(input: Architecture.Input?) -> [Architecture] {
    let matrices = parameters.map(\.shape).filter { $0.rank == 2 }
    guard let classCount = matrices.last?[0] else { return [] }
    let filters = parameters.map(\.shape).filter { $0.rank == 4 }
    guard let first = filters.first else {
      return languageModels(matrices, classCount: classCount, input: input)
        + perceptrons(matrices, classCount: classCount, input: input)
    }
    let channels = first[1]
    let cifar = input ?? Architecture.Input(channels: channels, height: 32, width: 32)
    let imageNet = input ?? Architecture.Input(channels: channels, height: 224, width: 224)
    var result: [Architecture] = []
    func propose(_ name: String, _ input: Architecture.Input) {
      // A name or size that is out of range is simply no candidate.
      if let candidate = try? Architecture.named(name, input: input, classCount: classCount) {
        result.append(candidate)
      }
    }

    // Filters of one pixel are shortcuts (or bottlenecks); the others and one matrix make depth.
    let wide = filters.filter { $0[2] > 1 || $0[3] > 1 }.count
    for option in ["", "-b", "-noshort"] {
      propose("resnet\(wide + 1)\(option)-w\(first[0])", cifar)
    }
    for depth in [18, 34, 50, 101, 152] {
      propose("resnet\(depth)-w\(first[0])", cifar)
      propose("resnet\(depth)-imagenet-w\(first[0])", imageNet)
    }
    let widest = filters.map { $0[0] }.max() ?? 0
    propose("wideresnet-\(wide + 3)-\(widest / 64)", cifar)
    for depth in [11, 13, 16, 19] {
      for option in ["", "-bn"] {
        propose("vgg\(depth)\(option)", cifar)
        propose("vgg\(depth)\(option)-imagenet", imageNet)
      }
    }
    propose("lenet", input ?? leNetInput(matrices, channels: channels))
    return result
  }

  /// The images whose 16 feature maps the first matrix takes: extent `4 k + 12` leaves `k x k`.
  private func leNetInput(_ matrices: [Shape], channels: Int) -> Architecture.Input {
    let area = (matrices.first?[1] ?? 0) / 16
    let extent = 4 * squareRoot(area) + 12
    return Architecture.Input(channels: channels, height: extent, width: extent)
  }

  /// A table of embeddings, the only matrix without a bias, then a perceptron that reads several of
  /// its rows.
  private func languageModels(
    _ matrices: [Shape], classCount: Int, input: Architecture.Input?
  ) -> [Architecture] {
    let biases = parameters.count { $0.shape.rank == 1 }
    guard matrices.count > 1, biases == matrices.count - 1 else { return [] }
    let (table, first) = (matrices[0], matrices[1])
    guard table[1] > 0, first[1].isMultiple(of: table[1]) else { return [] }
    let context = first[1] / table[1]
    var length = context
    if let input {
      guard case .tokens(let count, _) = input else { return [] }
      length = count
    }
    let sizes = [context, table[1]] + matrices.dropFirst().dropLast().map { $0[0] }
    let candidate = try? Architecture.named(
      "nplm-" + sizes.map(String.init).joined(separator: "-"),
      input: .tokens(length: length, vocabulary: table[0]), classCount: classCount)
    return candidate.map { [$0] } ?? []
  }

  private func perceptrons(
    _ matrices: [Shape], classCount: Int, input: Architecture.Input?
  ) -> [Architecture] {
    let hidden = matrices.dropLast().map { String($0[0]) }
    let name = hidden.isEmpty ? "linear" : "mlp-" + hidden.joined(separator: "-")
    let features = matrices.first?[1] ?? 0
    let candidate = try? Architecture.named(
      name, input: input ?? imageInput(features: features), classCount: classCount)
    return candidate.map { [$0] } ?? []
  }

  /// Square images of three channels or one with so many elements, or else a row of numbers.
  private func imageInput(features: Int) -> Architecture.Input {
    for channels in [3, 1] where features.isMultiple(of: channels) {
      let extent = squareRoot(features / channels)
      if extent * extent * channels == features {
        return Architecture.Input(channels: channels, height: extent, width: extent)
      }
    }
    return Architecture.Input(channels: features, height: 1, width: 1)
  }

  /// Largest integer whose square is at most `n`, and 0 for what no image could have.
  private func squareRoot(_ n: Int) -> Int {
    guard (0...Architecture.limits.elements).contains(n) else { return 0 }
    return Int(Double(n).squareRoot())
  }
}
