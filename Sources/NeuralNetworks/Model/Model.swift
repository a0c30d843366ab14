package import ComputationGraph

/// A network as a value: named inputs and outputs, parameters, buffers, and how its nodes are made.
///
/// Knows no losses, data or files.
package struct Model: Hashable, Sendable {
  /// How it can be made again.
  package let recipe: ModelRecipe
  /// Named inputs with the shapes of one sample.
  package let inputs: [ModelInput]
  /// Shapes of the outputs of one sample.
  package let outputShapes: [Shape]
  /// Names, shapes and order of the parameters.
  package let layout: ParameterLayout
  /// Names, shapes and order of the running statistics.
  package let bufferLayout: BufferLayout
  /// Rate of each layer where training may use dropout; nil where training chooses it.
  package let dropoutRates: [Double?]

  /// Name for people, like `resnet20`.
  package var name: String { recipe.definition.modelName }

  /// Shape of the first output of one sample.
  package var outputShape: Shape { outputShapes[0] }

  /// Makes a model, running its definition once to learn its parameters.
  ///
  /// - Throws: `ShapeError` when the inputs are too small for it.
  package init(_ recipe: ModelRecipe) throws(ShapeError) {
    let definition = recipe.definition
    let (builder, _, outputs) = try Self.run(
      definition, batch: 1, mode: .inference, dropsOut: false, graph: Graph())
    self.recipe = recipe
    inputs = definition.inputs
    outputShapes = outputs.map { Shape(Array(builder.graph.shape(of: $0).dimensions.dropFirst())) }
    layout = ParameterLayout(builder.parameterTensors)
    bufferLayout = BufferLayout(builder.bufferTensors)
    dropoutRates = builder.dropoutRates
  }

  /// Makes the model of an architecture.
  ///
  /// - Throws: `ShapeError` when the inputs are too small for the architecture.
  package init(_ architecture: Architecture) throws(ShapeError) {
    try self.init(.architecture(architecture))
  }

  /// Adds the model to a graph, from inputs to outputs.
  ///
  /// - Parameters:
  ///   - batch: Number of samples.
  ///   - mode: Which statistics the batch norms use.
  ///   - dropsOut: Whether dropout layers do anything.
  ///   - graph: Receives the nodes; unchanged when this throws.
  /// - Returns: The values to feed, to read and to differentiate by.
  /// - Throws: `ShapeError` when the batch is empty.
  /// - Precondition: The graph is empty: values in it would get other numbers.
  package func instantiate(
    batch: Int, mode: NormalizationMode, dropsOut: Bool = false, in graph: inout Graph
  ) throws(ShapeError) -> ModelGraph {
    precondition(graph.nodes.isEmpty, "a model is the first in its graph")
    let (builder, inputs, outputs) = try Self.run(
      recipe.definition, batch: batch, mode: mode, dropsOut: dropsOut, graph: graph)
    let nodes = ModelGraph(
      inputs: inputs, outputs: outputs, parameters: builder.parameters, buffers: builder.buffers,
      batchStatistics: builder.batchStatistics, dropoutMasks: builder.dropoutMasks)
    guard mode == .inference else {
      graph = builder.graph
      return nodes
    }
    // Affine maps of batch norms become part of the weights: no pass over activations is left of them,
    // forward or backward.
    let all = inputs + outputs + builder.parameters + builder.buffers + builder.dropoutMasks
    let (folded, values) = try builder.graph.foldingScales(outputs: all)
    graph = folded
    let images = Dictionary(zip(all, values)) { first, _ in first }
    return nodes.mapped { images[$0] ?? $0 }
  }

  /// Floating-point operations of the forward pass in convolutions and matrix products.
  ///
  /// A multiplication and an addition count as two.
  package func forwardFlops(batch: Int) throws(ShapeError) -> Int {
    var graph = Graph()
    let nodes = try instantiate(batch: batch, mode: .inference, in: &graph)
    return 2 * graph.multiplyAddCount(of: nodes.outputs)
  }

  private static func run(
    _ definition: any ModelDefinition, batch: Int, mode: NormalizationMode, dropsOut: Bool,
    graph: Graph
  ) throws(ShapeError) -> (builder: ModelBuilder, inputs: [Value], outputs: [Value]) {
    guard batch >= 1 else { throw ShapeError("model", "a batch of \(batch) samples") }
    var graph = graph
    let inputs = definition.inputs.map { input in
      graph.input(input.name, Shape([batch] + input.shape.dimensions), role: .batch)
    }
    var builder = ModelBuilder(graph: graph, mode: mode, dropsOut: dropsOut)
    do {
      let outputs = try definition.build(inputs, in: &builder)
      return (builder, inputs, outputs)
    } catch {
      let names = definition.inputs.map(\.description).joined(separator: ", ")
      throw ShapeError(
        "\(definition.modelName) on \(names)", "\(error.operation): \(error.reason)")
    }
  }
}
