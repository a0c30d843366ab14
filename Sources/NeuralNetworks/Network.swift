package import ComputationGraph

/// A network of a known architecture: its parameters, its state and how to build its graph.
package struct Network: Hashable, Sendable {
  /// What the network is.
  package let architecture: Architecture
  /// Names, shapes and order of the parameters.
  package let layout: ParameterLayout
  /// Names, shapes and order of the running statistics.
  package let stateLayout: StateLayout
  /// Number of layers where training may use dropout.
  package let dropoutCount: Int

  /// Runs the definition of an architecture once to learn its parameters.
  ///
  /// - Throws: `ShapeError` when the images are too small for the architecture.
  package init(_ architecture: Architecture) throws(ShapeError) {
    let (builder, _, _) = try Self.run(
      architecture, batch: 1, mode: .inference, dropsOut: false, graph: Graph())
    self.architecture = architecture
    layout = ParameterLayout(builder.parameterTensors)
    stateLayout = StateLayout(builder.stateTensors)
    dropoutCount = builder.dropoutCount
  }

  /// Adds the network to a graph, from images to logits.
  ///
  /// - Parameters:
  ///   - batch: Number of images.
  ///   - mode: Which statistics the batch norms use.
  ///   - dropsOut: Whether dropout layers do anything.
  ///   - graph: Receives the nodes; unchanged when this throws.
  /// - Returns: The values to feed, to read and to differentiate by.
  /// - Throws: `ShapeError` when the batch is empty.
  /// - Precondition: The graph has no inputs of the same names.
  package func build(
    batch: Int, mode: NormalizationMode, dropsOut: Bool = false, in graph: inout Graph
  ) throws(ShapeError) -> NetworkGraph {
    let (builder, images, logits) = try Self.run(
      architecture, batch: batch, mode: mode, dropsOut: dropsOut, graph: graph)
    graph = builder.graph
    return NetworkGraph(
      images: images, logits: logits, parameters: builder.parameters, state: builder.state,
      batchStatistics: builder.batchStatistics, dropoutMasks: builder.dropoutMasks)
  }

  /// Floating-point operations of the forward pass in convolutions and matrix products.
  ///
  /// A multiplication and an addition count as two.
  package func forwardFlops(batch: Int) throws(ShapeError) -> Int {
    var graph = Graph()
    let network = try build(batch: batch, mode: .inference, in: &graph)
    return 2 * graph.multiplyAddCount(of: [network.logits])
  }

  private static func run(
    _ architecture: Architecture, batch: Int, mode: NormalizationMode, dropsOut: Bool, graph: Graph
  ) throws(ShapeError) -> (builder: NetworkBuilder, images: Value, logits: Value) {
    guard batch >= 1 else { throw ShapeError("network", "a batch of \(batch) images") }
    var graph = graph
    let input = architecture.input
    let images = graph.input(
      "images", [batch, input.channels, input.height, input.width], role: .batch)
    var builder = NetworkBuilder(graph: graph, mode: mode, dropsOut: dropsOut)
    do {
      let logits = try architecture.family.definition.build(
        images, classCount: architecture.classCount, in: &builder)
      return (builder, images, logits)
    } catch {
      throw ShapeError(
        "\(architecture.name) on images of \(input)", "\(error.operation): \(error.reason)")
    }
  }
}
