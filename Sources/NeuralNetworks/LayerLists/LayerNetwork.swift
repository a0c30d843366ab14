package import ComputationGraph

/// A network that is a list of layers, with the names of those that have tensors.
package struct LayerNetwork: Hashable, Sendable {
  /// What a sample is.
  package let input: Architecture.Input
  /// The layers in the order of computation.
  package let layers: [Layer]
  /// Names of the layers with tensors, in the order of `Layer.parametric`.
  package let names: [String]

  /// Joins layers and names.
  ///
  /// - Parameters:
  ///   - layers: The layers.
  ///   - input: What a sample is.
  ///   - names: Names of those that have tensors; nil for `conv1`, `linear2` and so on.
  /// - Throws: `LayerListError` where there are more or fewer names than layers with tensors, or a name
  ///   twice.
  package init(
    _ layers: [Layer], input: Architecture.Input, names: [String]? = nil
  ) throws(LayerListError) {
    let parametric = Layer.parametric(layers)
    let names = names ?? Self.usualNames(parametric)
    guard names.count == parametric.count, Set(names).count == names.count else {
      throw LayerListError(
        "layer list: \(parametric.count) layers with tensors, but \(Set(names).count) names")
    }
    guard case .tokens = input else {
      (self.layers, self.input, self.names) = (layers, input, names)
      return
    }
    throw LayerListError("layer list: takes images or numbers, not tokens")
  }

  /// Reads a layer list for samples of one kind.
  ///
  /// - Throws: `LayerListError` with the place of what is not understood.
  package init(_ text: String, input: Architecture.Input) throws(LayerListError) {
    try self.init(Layer.list(text), input: input)
  }

  /// Whether a text is meant as a layer list rather than as a name.
  package static func isList(_ text: String) -> Bool {
    text.contains("(") || text.contains { $0.isWhitespace }
  }

  /// The recipe of its model.
  package var recipe: ModelRecipe { .definition(AnyModelDefinition(self)) }

  private static func usualNames(_ layers: [Layer]) -> [String] {
    var counts: [String: Int] = [:]
    return layers.map { layer in
      let word =
        switch layer {
        case .convolution: "conv"
        case .linear: "linear"
        case .normalization: "norm"
        default: "slope"
        }
      counts[word, default: 0] += 1
      return "\(word)\(counts[word] ?? 1)"
    }
  }
}

extension LayerNetwork: StoredModelDefinition {
  /// The kind in files.
  package static let kind = "layers"

  private enum CodingKeys: String, CodingKey {
    case input, layers, names
  }

  /// The layer list.
  package var modelName: String { Layer.text(layers) }

  /// Images or features.
  package var inputs: [ModelInput] { [input.modelInput] }

  /// Probabilities where the last layer makes some.
  package var outputScale: OutputScale {
    switch layers.last {
    case .softmax: .probabilities
    case .logSoftmax: .logProbabilities
    case .activation(.sigmoid): .eventProbabilities
    default: .numbers
    }
  }

  /// Reads text, input and names.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      Layer.list(container.decode(String.self, forKey: .layers)),
      input: container.decode(Architecture.Input.self, forKey: .input),
      names: container.decode([String].self, forKey: .names))
    guard input.isUsable else {
      throw LayerListError("layer list: samples of \(input) cannot be used")
    }
  }

  /// Writes text, input and names.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Layer.text(layers), forKey: .layers)
    try container.encode(input, forKey: .input)
    try container.encode(names, forKey: .names)
  }

  /// Emits the layers.
  package func build(
    _ inputs: [Value], in builder: inout ModelBuilder
  ) throws(ShapeError) -> [Value] {
    var emitter = LayerEmitter(names: names)
    return [try emitter.emit(layers, inputs[0], in: &builder)]
  }
}
