package import ComputationGraph

/// Compares the derivative rules of a function in a graph with differences and with one another.
///
/// Everything is evaluated on the reference runtime in `Double`. Errors are relative, normwise
/// over all entries.
package struct DerivativeCheck {
  private var graph: Graph
  private let outputs: [Value]
  private let sources: [Value]
  private let inputs: [String: [Double]]
  private let draw: (String, Int) -> [Double]

  /// Prepares the checks of `outputs` as a function of `sources`.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - outputs: Values to differentiate.
  ///   - sources: Inputs of the graph to differentiate by.
  ///   - inputs: The point: elements of all inputs by name.
  ///   - draw: Random vector of a length, the same for the same label.
  package init(
    _ graph: Graph, outputs: [Value], sources: [Value], at inputs: [String: [Double]],
    draw: @escaping (_ label: String, _ count: Int) -> [Double]
  ) {
    self.graph = graph
    self.outputs = outputs
    self.sources = sources
    self.inputs = inputs
    self.draw = draw
  }

  /// Tangent along a random direction against a central difference.
  package func tangentError() throws(ShapeError) -> Double {
    var graph = graph
    let directions = addInputs("v", like: sources, to: &graph)
    let tangents = try graph.tangent(of: outputs, along: pairs(sources, directions.values))
    let exact = evaluate(graph, tangents, inputs.merging(directions.elements) { $1 })
    return difference(exact, central(graph, outputs, along: directions))
  }

  /// `<u, J v>` against `<J^T u, v>`.
  package func adjointError() throws(ShapeError) -> Double {
    var graph = graph
    let v = addInputs("v", like: sources, to: &graph)
    let u = addInputs("u", like: outputs, to: &graph)
    let forward = try graph.tangent(of: outputs, along: pairs(sources, v.values))
    let reverse = try graph.pullback(
      of: zip(outputs, u.values).map { (value: $0, cotangent: $1) }, by: sources)
    let given = inputs.merging(v.elements) { $1 }.merging(u.elements) { $1 }
    let jv = evaluate(graph, forward, given)
    let jtu = evaluate(graph, reverse, given)
    let left = dot(evaluate(graph, u.values, given), jv)
    let right = dot(jtu, evaluate(graph, v.values, given))
    let scale = norm(evaluate(graph, u.values, given)) * norm(jv)
    return scale == 0 ? abs(right) : abs(left - right) / scale
  }

  /// Hessian-vector product of `sum u y^2 / 2` against a central difference of its gradient.
  package func hessianError() throws(ShapeError) -> Double {
    var graph = graph
    let v = addInputs("v", like: sources, to: &graph)
    let u = addInputs("u", like: outputs, to: &graph)
    let gradient = try squareGradient(u.values, in: &graph)
    let products = try graph.tangent(of: gradient, along: pairs(sources, v.values))
    let given = inputs.merging(u.elements) { $1 }
    let exact = evaluate(graph, products, given.merging(v.elements) { $1 })
    return difference(exact, central(graph, gradient, along: v, at: given))
  }

  /// `<w, H v>` against `<v, H w>` for the Hessian of `sum u y^2 / 2`.
  package func symmetryError() throws(ShapeError) -> Double {
    var graph = graph
    let v = addInputs("v", like: sources, to: &graph)
    let w = addInputs("w", like: sources, to: &graph)
    let u = addInputs("u", like: outputs, to: &graph)
    let gradient = try squareGradient(u.values, in: &graph)
    let along = [
      try graph.tangent(of: gradient, along: pairs(sources, v.values)),
      try graph.tangent(of: gradient, along: pairs(sources, w.values)),
    ]
    let given = [v, w, u].reduce(inputs) { $0.merging($1.elements) { $1 } }
    let hv = evaluate(graph, along[0], given)
    let hw = evaluate(graph, along[1], given)
    let left = dot(evaluate(graph, w.values, given), hv)
    let right = dot(evaluate(graph, v.values, given), hw)
    let scale = norm(evaluate(graph, w.values, given)) * norm(hv)
    return scale == 0 ? abs(right) : abs(left - right) / scale
  }

  // MARK: - Parts

  private typealias Drawn = (values: [Value], elements: [String: [Double]])

  /// New inputs with random elements, one for each of `models`.
  private func addInputs(_ label: String, like models: [Value], to graph: inout Graph) -> Drawn {
    var values: [Value] = []
    var elements: [String: [Double]] = [:]
    for (index, model) in models.enumerated() {
      let name = "\(label)\(index) of check"
      let shape = graph.shape(of: model)
      values.append(graph.input(name, shape, role: .direction))
      elements[name] = draw(name, shape.count)
    }
    return (values, elements)
  }

  /// Gradient of `sum u y^2 / 2`, which makes second derivatives of linear functions show too.
  private func squareGradient(
    _ weights: [Value], in graph: inout Graph
  ) throws(ShapeError) -> [Value] {
    var cotangents: [(value: Value, cotangent: Value)] = []
    for (output, weight) in zip(outputs, weights) {
      cotangents.append((value: output, cotangent: try graph.multiply(weight, output)))
    }
    return try graph.pullback(of: cotangents, by: sources)
  }

  /// `(f(x + h v) - f(x - h v)) / 2 h` with h = 1e-5.
  private func central(
    _ graph: Graph, _ functions: [Value], along directions: Drawn,
    at point: [String: [Double]]? = nil
  ) -> [Double] {
    let step = 1e-5
    let sides = [step, -step].map { h in
      var moved = point ?? inputs
      for (source, direction) in zip(sources, directions.values) {
        guard case .input(let input) = graph[source].operation,
          case .input(let tangent) = graph[direction].operation,
          let x = moved[input.name], let v = directions.elements[tangent.name]
        else { preconditionFailure("sources must be inputs with given elements") }
        moved[input.name] = zip(x, v).map { $0 + h * $1 }
      }
      return evaluate(graph, functions, moved)
    }
    return zip(sides[0], sides[1]).map { ($0 - $1) / (2 * step) }
  }

  private func evaluate(
    _ graph: Graph, _ values: [Value], _ inputs: [String: [Double]]
  ) -> [Double] {
    ReferenceRuntime.evaluate(graph, outputs: values, inputs: inputs).flatMap { $0 }
  }

  private func pairs(_ a: [Value], _ b: [Value]) -> [(value: Value, tangent: Value)] {
    zip(a, b).map { (value: $0, tangent: $1) }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    let scale = max(norm(a), norm(b))
    let distance = norm(zip(a, b).map { $0 - $1 })
    return scale == 0 ? distance : distance / scale
  }
}
