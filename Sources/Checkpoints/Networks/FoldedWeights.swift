import FileFormats

/// Weights that a state dict holds as functions of other tensors, folded into plain ones.
///
/// - Weight norm: `w = g v / |v|`, the norm over all axes along which `g` has one element. Salimans and
///   Kingma, arXiv:1602.07868. Names `weight_g`, `weight_v`, or
///   `parametrizations.weight.original0`, `original1`.
/// - Spectral norm: `w = W / (u^T W v)` with the matrix `W` of the axis that is as long as `u` against all
///   others, as in evaluation. Miyato et al., arXiv:1802.05957. Names `weight_orig`, `weight_u`,
///   `weight_v`, or `parametrizations.weight.original`, `0._u`, `0._v`.
/// - Pruning: `w = W mask`. Names `weight_orig`, `weight_mask`; or `weight` beside a mask of its shape.
///
/// All is computed in double precision.
struct FoldedWeights {
  /// The tensors, folded ones in the place of their first piece.
  private(set) var tensors: [StoredTensor] = []
  /// What was folded, in words.
  private(set) var remarks: [String] = []

  private enum Kind: String, CaseIterable {
    case weightNorm = "weight norm"
    case spectralNorm = "spectral norm"
    case mask = "pruning masks"
  }

  private let byName: [String: StoredTensor]

  /// Folds what is known.
  ///
  /// - Throws: `FileFormatError` for a parametrisation that is not known, whose tensors are no weights, and
  ///   for shapes that do not belong together.
  init(_ source: [StoredTensor]) throws(FileFormatError) {
    byName = Dictionary(source.map { ($0.name, $0) }) { first, _ in first }
    var results: [String: (kind: Kind, target: String, tensor: StoredTensor)] = [:]
    var pieces: [String: String] = [:]
    for tensor in source {
      guard let found = try fold(tensor) else { continue }
      results[tensor.name] = (found.kind, found.tensor.name, found.tensor)
      for piece in found.pieces { pieces[piece] = tensor.name }
    }
    // A weight that became a function moved behind its bias; it comes first again.
    let byBias = Dictionary(results.map { (Self.bias(of: $0.value.target), $0.key) }) { first, _ in
      first
    }
    var done: Set<String> = []
    var names: [Kind: [String]] = [:]
    for tensor in source {
      if let key = pieces[tensor.name] ?? byBias[tensor.name], let result = results[key],
        done.insert(key).inserted
      {
        tensors.append(result.tensor)
        names[result.kind, default: []].append(result.target)
      }
      if pieces[tensor.name] == nil {
        try Self.refuseUnknown(tensor)
        tensors.append(tensor)
      }
    }
    remarks = Kind.allCases.compactMap { kind in
      names[kind].map {
        "\(kind.rawValue): folded into \(PassedOverTensors.list($0)); derivatives are by these"
      }
    }
  }

  /// The weight whose main piece a tensor is; nil for other tensors.
  private func fold(
    _ tensor: StoredTensor
  ) throws(FileFormatError) -> (kind: Kind, tensor: StoredTensor, pieces: [String])? {
    let name = tensor.name
    func piece(_ name: String) -> StoredTensor? {
      byName[name].flatMap {
        $0.type.isFloatingPoint || $0.type == .bool || $0.type == .uint8 ? $0 : nil
      }
    }
    if let base = Self.removing("_v", from: name), let g = piece(base + "_g"),
      piece(base + "_u") == nil, byName[base] == nil, Self.areNorms(g.shape, of: tensor.shape)
    {
      return (.weightNorm, try weightNorm(base, g, tensor), [name, g.name])
    }
    if let base = Self.parametrized(name, "original1"), let g = piece(base.stem + "original0") {
      return (.weightNorm, try weightNorm(base.target, g, tensor), [name, g.name])
    }
    if let base = Self.parametrized(name, "original"), let u = piece(base.stem + "0._u"),
      let v = piece(base.stem + "0._v"), byName[base.stem + "1._u"] == nil
    {
      return (.spectralNorm, try spectralNorm(base.target, tensor, u, v), [name, u.name, v.name])
    }
    if let base = Self.removing("_orig", from: name), byName[base] == nil {
      if let mask = piece(base + "_mask") {
        return (.mask, try masked(base, tensor, mask), [name, mask.name])
      }
      if let u = piece(base + "_u") {
        let v = piece(base + "_v")
        return (
          .spectralNorm, try spectralNorm(base, tensor, u, v), [name, u.name, v?.name ?? name]
        )
      }
    }
    guard tensor.isMatrix else { return nil }
    // Layers of their own keep the mask beside the weight: weight_mask, or mask.
    let last = name.split(separator: ".").last.map(String.init) ?? name
    let masks = [name + "_mask"] + (last == "weight" ? [name.dropLast(6) + "mask"] : [])
    for mask in masks.compactMap(piece)
    where mask.shape == tensor.shape && mask.floats().allSatisfy({ $0 == 0 || $0 == 1 }) {
      return (.mask, try masked(name, tensor, mask), [name, mask.name])
    }
    return nil
  }

  private static func removing(_ ending: String, from name: String) -> String? {
    name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : nil
  }

  /// From `a.parametrizations.weight.ENDING`: `a.weight` and `a.parametrizations.weight.`.
  private static func parametrized(
    _ name: String, _ ending: String
  ) -> (target: String, stem: String)? {
    let parts = name.split(separator: ".")
    guard parts.count >= 3, parts.last.map(String.init) == ending,
      parts[parts.count - 3] == "parametrizations"
    else { return nil }
    let target = (parts.dropLast(3) + [parts[parts.count - 2]]).joined(separator: ".")
    return (target, String(name.dropLast(ending.count)))
  }

  /// Name of the bias beside a weight.
  private static func bias(of weight: String) -> String {
    (weight.split(separator: ".").dropLast() + ["bias"]).joined(separator: ".")
  }

  private static func refuseUnknown(_ tensor: StoredTensor) throws(FileFormatError) {
    guard tensor.name.split(separator: ".").contains("parametrizations") else { return }
    throw FileFormatError(
      .unsupported, format: "checkpoint, tensor \(quoted(tensor.name))",
      "belongs to a parametrization that is not known (known are weight norm and spectral norm); "
        + "save the network after torch.nn.utils.parametrize.remove_parametrizations")
  }

  // MARK: - Formulas

  private func weightNorm(
    _ name: String, _ g: StoredTensor, _ v: StoredTensor
  ) throws(FileFormatError) -> StoredTensor {
    guard Self.areNorms(g.shape, of: v.shape) else { throw Self.mismatch(name, [g, v]) }
    let group = Self.groups(
      of: v.shape,
      keeping: v.shape.indices.map { g.shape.isEmpty ? false : g.shape[$0] != 1 })
    let (scales, values) = (g.array.doubles(), v.array.doubles())
    var squares = [Double](repeating: 0, count: scales.count)
    for (index, value) in values.enumerated() { squares[group(index)] += value * value }
    let factors = zip(scales, squares).map { $0 / $1.squareRoot() }
    return Self.tensor(name, values.enumerated().map { $1 * factors[group($0)] }, like: v)
  }

  /// Whether a shape is that of norms along some axes; with one number for all, PyTorch writes a scalar.
  private static func areNorms(_ shape: [Int], of weight: [Int]) -> Bool {
    shape.isEmpty
      || (shape.count == weight.count && zip(shape, weight).allSatisfy { $0 == 1 || $0 == $1 })
  }

  private func spectralNorm(
    _ name: String, _ weight: StoredTensor, _ u: StoredTensor, _ v: StoredTensor?
  ) throws(FileFormatError) -> StoredTensor {
    let rows = u.array.count
    // The output axis, which transposed convolutions have in the second place.
    guard u.shape.count == 1, let axis = weight.shape.prefix(2).firstIndex(of: rows), rows > 0,
      weight.array.count > 0,
      v == nil || v?.array.count == weight.array.count / rows
    else { throw Self.mismatch(name, [weight, u] + [v].compactMap(\.self)) }
    let row = Self.groups(of: weight.shape, keeping: weight.shape.indices.map { $0 == axis })
    let column = Self.groups(of: weight.shape, keeping: weight.shape.indices.map { $0 != axis })
    let (left, values) = (u.array.doubles(), weight.array.doubles())
    var right = v?.array.doubles() ?? []
    if right.isEmpty {
      // PyTorch before 1.1 keeps u alone: v is W^T u, normalised.
      right = [Double](repeating: 0, count: values.count / rows)
      for (index, value) in values.enumerated() { right[column(index)] += value * left[row(index)] }
      let norm = right.reduce(0) { $0 + $1 * $1 }.squareRoot()
      right = right.map { $0 / norm }
    }
    var sigma = 0.0
    for (index, value) in values.enumerated() {
      sigma += left[row(index)] * value * right[column(index)]
    }
    return Self.tensor(name, values.map { $0 / sigma }, like: weight)
  }

  private func masked(
    _ name: String, _ weight: StoredTensor, _ mask: StoredTensor
  ) throws(FileFormatError) -> StoredTensor {
    guard weight.shape == mask.shape else { throw Self.mismatch(name, [weight, mask]) }
    return Self.tensor(
      name, zip(weight.array.doubles(), mask.array.doubles()).map { $0 * $1 }, like: weight)
  }

  /// The position of an element, in C order, among the axes that are kept alone.
  private static func groups(of shape: [Int], keeping: [Bool]) -> (Int) -> Int {
    var parts: [(extent: Int, inner: Int, stride: Int)] = []
    var (inner, stride) = (1, 1)
    for axis in shape.indices.reversed() {
      if keeping[axis] {
        parts.append((shape[axis], inner, stride))
        stride *= shape[axis]
      }
      inner *= shape[axis]
    }
    return { index in
      parts.reduce(0) { $0 + index / $1.inner % $1.extent * $1.stride }
    }
  }

  private static func tensor(
    _ name: String, _ values: [Double], like source: StoredTensor
  ) -> StoredTensor {
    StoredTensor(
      name: name,
      array: source.type == .float64
        ? NumericArray(values, shape: source.shape)
        : NumericArray(values.map { Float($0) }, shape: source.shape))
  }

  private static func mismatch(_ name: String, _ tensors: [StoredTensor]) -> FileFormatError {
    let shapes = tensors.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    return FileFormatError(
      .malformed, format: "checkpoint, tensor \(quoted(name))",
      "is made of shapes that do not belong together: \(shapes)")
  }
}
