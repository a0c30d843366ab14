package import ComputationGraph

/// What a parameter does in its layer.
package enum ParameterRole: String, Hashable, Sendable, Codable {
  /// Filters of a convolution or matrix of a linear layer.
  case weight
  /// Summand per channel of a convolution or linear layer.
  case bias
  /// Factor per channel of a normalisation layer (gamma).
  case normScale
  /// Summand per channel of a normalisation layer (beta).
  case normShift
}

/// One named tensor of a flat parameter vector.
package struct ParameterSegment: Hashable, Sendable {
  /// Name as in the PyTorch original, like `layer1.0.conv1.weight`.
  package let name: String
  /// Shape of the tensor; elements are row-major.
  package let shape: Shape
  /// What the parameter does.
  package let role: ParameterRole
  /// Place of the elements in the flat vector.
  package let range: Range<Int>

  /// Whether the tensor has at most one axis: biases, scale and shift of batch norms.
  package var isVector: Bool { shape.rank <= 1 }

  /// Number of filters: extent of the first axis of a tensor with two or more axes, otherwise 1.
  package var filterCount: Int { shape.rank >= 2 ? shape[0] : 1 }

  /// Number of inputs that one output of the layer is computed from (weights only).
  package var fanIn: Int { shape.count / max(filterCount, 1) }
}

/// Names, shapes and order of all parameters of a network; immutable.
///
/// The order is that of the model definition, which is the order in the checkpoint files.
package struct ParameterLayout: Hashable, Sendable {
  /// The tensors in order; their ranges follow one another without gaps.
  package let segments: [ParameterSegment]

  /// Number of elements of all tensors.
  package var count: Int { segments.last?.range.upperBound ?? 0 }

  /// Lays tensors out behind one another.
  ///
  /// - Precondition: Names are unique.
  package init(_ tensors: [(name: String, shape: Shape, role: ParameterRole)]) {
    precondition(Set(tensors.map(\.name)).count == tensors.count, "two parameters have one name")
    var start = 0
    var segments: [ParameterSegment] = []
    segments.reserveCapacity(tensors.count)
    for tensor in tensors {
      let end = start + tensor.shape.count
      segments.append(
        ParameterSegment(
          name: tensor.name, shape: tensor.shape, role: tensor.role, range: start..<end))
      start = end
    }
    self.segments = segments
  }

  /// The tensor with a name, if there is one.
  ///
  /// - Complexity: Linear in the number of tensors.
  package subscript(name: String) -> ParameterSegment? {
    segments.first { $0.name == name }
  }
}

extension ParameterLayout: Codable {
  private struct Entry: Codable {
    let name: String
    let shape: [Int]
    let role: ParameterRole
  }

  /// Writes name, shape and role of each tensor; the ranges follow from them.
  package func encode(to encoder: any Encoder) throws {
    let entries = segments.map {
      Entry(name: $0.name, shape: $0.shape.dimensions, role: $0.role)
    }
    try entries.encode(to: encoder)
  }

  /// Reads a layout, refusing repeated names, negative extents and sizes that overflow.
  package init(from decoder: any Decoder) throws {
    let entries = try [Entry](from: decoder)
    var total = 0
    var names: Set<String> = []
    for entry in entries {
      guard names.insert(entry.name).inserted else {
        throw Self.corrupt(decoder, "parameter \(entry.name) appears twice")
      }
      var count = 1
      for extent in entry.shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflow else {
          throw Self.corrupt(decoder, "parameter \(entry.name) has the shape \(entry.shape)")
        }
        count = product
      }
      let (sum, overflow) = total.addingReportingOverflow(count)
      guard !overflow else { throw Self.corrupt(decoder, "the parameters are too large") }
      total = sum
    }
    self.init(entries.map { (name: $0.name, shape: Shape($0.shape), role: $0.role) })
  }

  private static func corrupt(_ decoder: any Decoder, _ reason: String) -> DecodingError {
    .dataCorrupted(
      DecodingError.Context(codingPath: decoder.codingPath, debugDescription: reason))
  }
}
