internal import NeuralNetworks

/// The layer list of a reading, and the tensors behind the names of its layers.
struct ReadLayers {
  let layers: [Layer]
  /// Names of the layers with tensors.
  let names: [String]
  /// For names of parameters and buffers their tensors in the file.
  let tensorNames: [String: String]
}

extension Reading {
  /// The layers in the order of computation.
  func readLayers() -> ReadLayers {
    var writer = ReadingWriter(reading: self)
    let layers = writer.layers()
    return ReadLayers(layers: layers, names: writer.names, tensorNames: writer.tensorNames)
  }
}

private struct ReadingWriter {
  let reading: Reading
  private(set) var names: [String] = []
  private(set) var tensorNames: [String: String] = [:]
  private var steps: ArraySlice<Geometry.Step>

  init(reading: Reading) {
    self.reading = reading
    steps = reading.geometry.steps[...]
  }

  private var settings: ReadingSettings { reading.settings }
  private var skeleton: Skeleton { reading.skeleton }
  private var isConvolutional: Bool { !skeleton.images.isEmpty }

  mutating func layers() -> [Layer] {
    let geometry = reading.geometry
    var layers: [Layer] = geometry.border > 0 ? [.pad(geometry.border)] : []
    var channels = skeleton.channels
    for (number, item) in skeleton.images.enumerated() {
      let window = geometry.windows[number].map { window in
        Layer.pool(
          PoolSettings(
            settings.pool, size: window.size, stride: window.stride, padding: window.padding,
            roundsUp: window.roundsUp))
      }
      switch item {
      case .norm(let norm):
        layers += [normalization(norm)] + activation()
        layers += window.map { [$0] } ?? []
      case .unit(let unit):
        let isLast = skeleton.head.isEmpty && number == skeleton.images.count - 1
        let isSilent =
          isLast && !settings.activatesOutputs
          || unit.after == nil && !settings.activatesBeforeNorms && isPreactivated(number + 1)
          || !settings.activatesInSeparable && skeleton.beginsSeparable(number)
        if number == 0, let norm = unit.before {
          // On the image itself, before anything has been computed.
          layers.append(normalization(norm))
        } else if let norm = unit.before {
          layers += [normalization(norm)] + activation()
        }
        layers += convolution(unit, inputs: channels, window: window, isSilent: isSilent)
        channels = unit.weight.outputs ?? channels
      case .block(let block):
        layers += residual(block) + (window.map { [$0] } ?? [])
        channels = block.outputs
      }
    }
    switch geometry.end {
    case .flatten: layers.append(.flatten)
    case .globalAverage: layers.append(.globalPool(.average))
    case .globalMax: layers.append(.globalPool(.max))
    case .average(let parts): layers += [.adaptiveAverage(extent: parts), .flatten]
    }
    for (number, unit) in skeleton.head.enumerated() {
      let isLast = number == skeleton.head.count - 1
      if let norm = unit.before { layers.append(normalization(norm, ofRows: true)) }
      use(unit.weight)
      layers.append(.linear(outputs: unit.weight.outputs ?? 0, hasBias: unit.weight.hasBias))
      let function = isLast && !settings.activatesOutputs ? [] : headActivation(unit)
      let norm = unit.after.map { [normalization($0, ofRows: true)] } ?? []
      let isActivationFirst =
        settings.order == .activationNormPool || settings.order == .activationPoolNorm
      layers += isActivationFirst ? function + norm : norm + function
    }
    return layers
  }

  /// Whether an item begins with a norm.
  private func isPreactivated(_ number: Int) -> Bool {
    guard number < skeleton.images.count else { return false }
    return switch skeleton.images[number] {
    case .norm: true
    case .unit(let unit): unit.before != nil
    case .block(let block): block.isPreactivated
    }
  }

  private func activation() -> [Layer] {
    settings.activation.map { [.activation($0)] } ?? []
  }

  private mutating func activation(_ unit: Unit) -> [Layer] {
    guard let slope = unit.slope, case .slope(let count) = slope.kind else { return activation() }
    use(slope)
    return [.activation(.parametricReLU(count: count))]
  }

  private mutating func headActivation(_ unit: Unit) -> [Layer] {
    guard unit.slope == nil, let function = settings.headActivation else {
      return activation(unit)
    }
    return [.activation(function)]
  }

  // MARK: - Layers with tensors

  private mutating func use(_ layer: FoundLayer) {
    names.append(layer.path)
    for (role, tensor) in layer.tensorNames { tensorNames["\(layer.path).\(role)"] = tensor }
  }

  private mutating func normalization(_ layer: FoundLayer, ofRows: Bool = false) -> Layer {
    use(layer)
    guard case .norm(let channels, let hasStatistics, let isAffine) = layer.kind else {
      preconditionFailure("\(layer.path) is no norm")
    }
    let kind: NormalizationSettings.Kind =
      if !hasStatistics, let groups = settings.groups {
        ofRows ? .layer : .group(min(groups, channels))
      } else {
        .batch
      }
    return .normalization(
      NormalizationSettings(kind, epsilon: settings.epsilon, isAffine: isAffine))
  }

  private mutating func filters(
    _ weight: FoundLayer, inputs: Int, step: Geometry.Step
  ) -> Layer {
    use(weight)
    guard let outputs = weight.outputs, let own = weight.inputs, let kernel = weight.kernel else {
      preconditionFailure("\(weight.path) is no convolution")
    }
    return .convolution(
      ConvolutionSettings(
        outputs: outputs, kernel: kernel, stride: step.stride, padding: step.padding,
        dilation: step.dilation, groups: max(inputs / max(own, 1), 1), hasBias: weight.hasBias))
  }

  private mutating func takeStep() -> Geometry.Step {
    steps.popFirst() ?? Geometry.Step(stride: [1, 1], padding: [0, 0])
  }

  private mutating func convolution(
    _ unit: Unit, inputs: Int, window: Layer?, isSilent: Bool
  ) -> [Layer] {
    var layers = [filters(unit.weight, inputs: inputs, step: takeStep())]
    let pool = window.map { [$0] } ?? []
    let isActive = !isSilent
    switch settings.order {
    case .normActivationPool:
      layers += normLayers(unit, mayBePlain: isActive)
      layers += isActive ? activation(unit) : []
      layers += pool
    case .activationNormPool:
      layers += isActive ? activation(unit) : []
      layers += normLayers(unit, mayBePlain: isActive) + pool
    case .poolNormActivation:
      layers += pool + normLayers(unit, mayBePlain: isActive)
      layers += isActive ? activation(unit) : []
    case .activationPoolNorm:
      layers += isActive ? activation(unit) : []
      layers += pool + normLayers(unit, mayBePlain: isActive)
    case .poolActivationNorm:
      layers += pool
      layers += isActive ? activation(unit) : []
      layers += normLayers(unit, mayBePlain: isActive)
    }
    return layers
  }

  private mutating func normLayers(_ unit: Unit, mayBePlain: Bool = false) -> [Layer] {
    if let norm = unit.after { return [normalization(norm)] }
    guard mayBePlain, settings.hasPlainNorms, let channels = unit.weight.outputs else { return [] }
    return [
      .normalization(
        NormalizationSettings(.group(channels), epsilon: settings.epsilon, isAffine: false))
    ]
  }

  // MARK: - Blocks

  private mutating func residual(_ block: Skeleton.Block) -> [Layer] {
    var before: [Layer] = []
    var body: [Layer] = []
    var stride = [1, 1]
    var channels = block.inputs
    for (place, unit) in block.body.enumerated() {
      if let norm = unit.before {
        let layers = [normalization(norm)] + activation()
        let isShared = place == 0 && block.shortcut != nil && settings.sharesPreactivation
        if isShared { before = layers } else { body += layers }
      }
      let step = takeStep()
      stride = zip(stride, step.stride).map { $0 * $1 }
      body.append(filters(unit.weight, inputs: channels, step: step))
      channels = unit.weight.outputs ?? channels
      let isLast = place == block.body.count - 1
      let isActive = !isLast || settings.blockEnd == .inBody || settings.blockEnd == .both
      let isPreactivated = isLast ? block.isPreactivated : block.body[place + 1].before != nil
      if settings.order == .activationNormPool {
        if isActive && !isPreactivated { body += activation(unit) }
        body += normLayers(unit)
      } else {
        body += normLayers(unit)
        if isActive && !isPreactivated { body += activation(unit) }
      }
    }
    let shortcut = shortcut(block, stride: stride)
    let isActive = settings.blockEnd == .afterSum || settings.blockEnd == .both
    return before + [.residual(body: body, shortcut: shortcut)]
      + (isActive && !block.isPreactivated ? activation() : [])
  }

  private mutating func shortcut(_ block: Skeleton.Block, stride: [Int]) -> [Layer] {
    if let unit = block.shortcut {
      let kernel = unit.weight.kernel ?? [1, 1]
      let pools = settings.poolsShortcuts && stride != [1, 1]
      let step = Geometry.Step(
        stride: pools ? [1, 1] : stride, padding: kernel.map { ($0 - 1) / 2 })
      var layers = unit.before.map { [normalization($0)] } ?? []
      if pools { layers.append(shrinking(stride)) }
      layers.append(filters(unit.weight, inputs: block.inputs, step: step))
      return layers + normLayers(unit)
    }
    var layers: [Layer] = stride == [1, 1] ? [] : [shrinking(stride)]
    let missing = block.outputs - block.inputs
    if missing > 0 {
      let before = settings.plainShortcut == .zerosOnBothSides ? missing / 2 : 0
      layers.append(.zeroChannels(before: before, after: missing - before))
    }
    return layers
  }

  /// What makes the images of a shortcut as small as those of the body.
  private func shrinking(_ stride: [Int]) -> Layer {
    settings.poolsShortcuts
      ? .pool(PoolSettings(.average, size: stride[0], roundsUp: true)) : .subsample(stride[0])
  }
}
