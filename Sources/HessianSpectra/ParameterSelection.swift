package import LinearAlgebra
package import NeuralNetworks

/// Parameters whose block of a curvature matrix is looked at.
package struct ParameterSelection: Sendable, Hashable {
  /// The parameters of the network.
  package let layout: ParameterLayout
  /// Places of the chosen elements in the flat vector: ascending, disjoint, not empty.
  package let ranges: [Range<Int>]
  /// Indices of the tensors that have a chosen element, ascending.
  package let segments: [Int]

  /// Number of chosen elements.
  package var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Whether every parameter is chosen.
  package var isWhole: Bool { count == layout.count }

  /// All parameters.
  package init(all layout: ParameterLayout) {
    self.init(layout, segments: Array(layout.segments.indices))
  }

  /// Whole tensors.
  ///
  /// - Parameters:
  ///   - layout: The parameters of the network.
  ///   - segments: Indices of tensors, ascending.
  package init(_ layout: ParameterLayout, segments: [Int]) {
    self.layout = layout
    self.segments = segments
    ranges = Self.joined(segments.map { layout.segments[$0].range })
  }

  /// Tensors by name and role.
  ///
  /// - Parameters:
  ///   - layout: The parameters of the network.
  ///   - patterns: Patterns over names, of which one must match; empty for all names.
  ///   - roles: Roles, of which one must fit; empty for all.
  /// - Throws: `SpectrumError` when a pattern fits no name, or nothing is left.
  package init(
    _ layout: ParameterLayout, patterns: [String], roles: [ParameterRole] = []
  ) throws(SpectrumError) {
    for text in patterns {
      let pattern = NamePattern(text)
      guard !layout.segments.contains(where: { pattern.matches($0.name) }) else { continue }
      throw SpectrumError(
        description: "no parameter is called \(text); the names are "
          + Self.examples(layout.segments.map(\.name)))
    }
    let chosen = layout.segments.indices.filter { index in
      let segment = layout.segments[index]
      return (patterns.isEmpty || patterns.contains { NamePattern($0).matches(segment.name) })
        && (roles.isEmpty || roles.contains(segment.role))
    }
    guard !chosen.isEmpty else {
      throw SpectrumError(
        description: "no parameter has the role \(roles.map(\.rawValue).joined(separator: " or "))"
          + (patterns.isEmpty ? "" : " and a name like \(patterns.joined(separator: " or "))"))
    }
    self.init(layout, segments: chosen)
  }

  /// The elements where a mask is not 0.
  ///
  /// - Throws: `SpectrumError` when the mask has another length or chooses nothing.
  package init(_ layout: ParameterLayout, mask: Vector<Float>) throws(SpectrumError) {
    guard mask.count == layout.count else {
      throw SpectrumError(
        description: "the mask has \(mask.count) elements, the network \(layout.count) parameters")
    }
    var ranges: [Range<Int>] = []
    let elements = mask.array
    var start: Int?
    for index in 0...elements.count {
      let isChosen = index < elements.count && elements[index] != 0
      if isChosen, start == nil { start = index }
      if !isChosen, let first = start {
        ranges.append(first..<index)
        start = nil
      }
    }
    guard !ranges.isEmpty else {
      throw SpectrumError(description: "the mask is 0 everywhere; no parameter is left")
    }
    self.layout = layout
    self.ranges = ranges
    var next = 0
    segments = layout.segments.indices.filter { index in
      let segment = layout.segments[index].range
      while next < ranges.count, ranges[next].upperBound <= segment.lowerBound { next += 1 }
      return next < ranges.count && ranges[next].overlaps(segment)
    }
  }

  private static func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for range in ranges where !range.isEmpty {
      if let last = result.last, last.upperBound == range.lowerBound {
        result[result.count - 1] = last.lowerBound..<range.upperBound
      } else {
        result.append(range)
      }
    }
    return result
  }

  private static func examples(_ names: [String]) -> String {
    names.count <= 6
      ? names.joined(separator: ", ")
      : names.prefix(4).joined(separator: ", ") + " ... " + (names.last ?? "")
  }

  /// A vector over all parameters with 0 where nothing is chosen.
  package func embed(_ x: Vector<Float>) -> Vector<Float> {
    precondition(x.count == count, "\(x.count) elements for \(count) parameters")
    if isWhole { return x }
    var result = Vector<Float>(zeros: layout.count)
    var offset = 0
    for range in ranges {
      result.setElements(from: range.lowerBound, to: x[offset..<offset + range.count])
      offset += range.count
    }
    return result
  }

  /// A part of what `embed` gives: the elements of a range of all parameters.
  ///
  /// - Complexity: Linear in the length of the range and the number of chosen ranges.
  package func elements(of x: Vector<Float>, in part: Range<Int>) -> [Float] {
    precondition(x.count == count, "\(x.count) elements for \(count) parameters")
    if isWhole { return x[part].array }
    var result = [Float](repeating: 0, count: part.count)
    var offset = 0
    for range in ranges {
      let common = range.clamped(to: part)
      if !common.isEmpty {
        let start = offset + common.lowerBound - range.lowerBound
        let target = common.lowerBound - part.lowerBound
        result.replaceSubrange(
          target..<target + common.count, with: x[start..<start + common.count].array)
      }
      offset += range.count
    }
    return result
  }

  /// The chosen elements of a vector over all parameters.
  package func restrict(_ y: Vector<Float>) -> Vector<Float> {
    precondition(y.count == layout.count, "\(y.count) elements for \(layout.count) parameters")
    if isWhole { return y }
    var result = Vector<Float>(zeros: count)
    var offset = 0
    for range in ranges {
      result.setElements(from: offset, to: y[range])
      offset += range.count
    }
    return result
  }
}

extension ParameterLayout {
  /// Tensors that belong to one layer: those whose names differ in the last part only.
  ///
  /// `conv1.weight` and `conv1.bias` are one layer, `bn1.weight` and `bn1.bias` another.
  package var layers: [(name: String, segments: [Int])] {
    var result: [(name: String, segments: [Int])] = []
    for (index, segment) in segments.enumerated() {
      let parts = segment.name.split(separator: ".")
      let name = parts.count > 1 ? parts.dropLast().joined(separator: ".") : segment.name
      if let place = result.firstIndex(where: { $0.name == name }) {
        result[place].segments.append(index)
      } else {
        result.append((name, [index]))
      }
    }
    return result
  }
}
