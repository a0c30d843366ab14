/// The operators that can be read, from the tables of rules.
package enum SupportedOperators {
  /// Operators of one kind.
  package struct Group: Hashable, Sendable {
    /// What they have in common, like `Layers`.
    package let title: String
    /// Their names without namespace and overload, sorted.
    package let names: [String]

    init(_ title: String, _ rules: [String: Rule]) {
      self.title = title
      names = rules.keys.sorted()
    }
  }

  /// PyTorch's operators, without the sign of those that write in place.
  package static let aten = [
    Group("Arithmetic, comparison, selection", ATenArithmetic.rules),
    Group("Activations", ATenActivations.rules),
    Group("Sums, extrema, norms of vectors", ATenReductions.rules),
    Group("Products, attention", ATenLayers.rules),
    Group("Convolutions, pooling", ATenConvolutions.rules),
    Group("Norms", ATenNormalizations.rules),
    Group("Recurrences", ATenRecurrences.rules),
    Group("Tables, indices", ATenIndexing.rules),
    Group("Interpolation", ATenResizing.rules),
    Group("Shapes, order of axes", ATenShapes.rules),
    Group("Parts: joining, dividing, padding", ATenParts.rules),
    Group("New tensors, extents, kinds of numbers", ATenCreation.rules),
    Group("Losses", ATenLosses.rules),
    Group("Python's numbers", PythonNumbers.rules),
  ]

  /// Operators of ONNX' default set.
  package static let onnx = [
    Group("Arithmetic, activations, comparison, selection", ONNXElementwise.rules),
    Group("Sums, extrema, softmax", ONNXReductions.rules),
    Group("Products, convolutions, pooling, norms, losses", ONNXLayers.rules),
    Group("Attention", ONNXAttention.rules),
    Group("Recurrences", ONNXRecurrences.rules),
    Group("Shapes, parts, lists", ONNXShapes.rules),
    Group("New tensors, extents", ONNXCreation.rules),
    Group("Indices", ONNXIndexing.rules),
    Group("Interpolation", ONNXResizing.rules),
  ]

  /// Why an operator of PyTorch cannot be read, by its name without namespace and overload.
  package static func reason(againstATen name: String) -> String {
    ATenDialect().reason(againstName: name)
  }

  /// The operators of a dialect.
  package static func groups(of dialect: GraphProgram.Dialect) -> [Group] {
    switch dialect {
    case .aten: aten
    case .onnx: onnx
    }
  }

  /// A table for each dialect, in Markdown.
  package static var markdown: String {
    """
    # Operators

    Which operators of exported graphs can be read, made by `trainer operators --markdown` from the tables of rules.
    Others are refused by name, with the module and the source line that called them. A name is listed where most of its
    arguments are read; a combination that is not is refused in one line.

    ## PyTorch (`.pt2`), \(count(aten)) operators

    With or without the sign of writing in place (`relu_`), of any overload.

    \(table(aten))

    ## ONNX, \(count(onnx)) operators

    Operator sets 6 to 28. Functions of a model are written out.

    \(table(onnx))

    """
  }

  private static func count(_ groups: [Group]) -> Int {
    Set(groups.flatMap(\.names)).count
  }

  private static func table(_ groups: [Group]) -> String {
    (["| kind | operators |", "|---|---|"]
      + groups.map { group in
        "| \(group.title) | \(group.names.map { "`\($0)`" }.joined(separator: " ")) |"
      }).joined(separator: "\n")
  }
}
