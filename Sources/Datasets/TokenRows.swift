internal import Settings

/// Where the targets of named arrays come from, and what they are.
public enum TargetChoice: String, Hashable, Sendable, Codable, CaseIterable {
  /// The array that is named so.
  case array
  /// The same array as classes.
  case classes
  /// The same array as numbers.
  case numbers
  /// The inputs: each token is the target of the one before it.
  case nextToken = "next-token"
}

extension ArrayDataset {
  /// The rows of tokens: the only input beside masks and types of tokens.
  private var tokens: SampleArray? {
    let known: Set = ["attention_mask", "token_type_ids"]
    let others = samples.inputs.filter { !known.contains($0.name) }
    return others.count == 1 && others[0].isInteger ? others[0] : nil
  }

  /// The same inputs, each token with the next one as its target, in place of any other target.
  ///
  /// - Throws: `DatasetError` where the input is no row of at least two tokens.
  func predictingNextToken() throws(DatasetError) -> ArrayDataset {
    guard let tokens, tokens.shape.count == 1, tokens.shape[0] >= 2 else {
      let names = samples.inputs.map { "'\($0.name)' \($0.shape)" }.joined(separator: ", ")
      throw DatasetError(
        .setting, source,
        "next-token: the inputs per sample are \(names); it takes one array of rows of tokens, whole "
          + "numbers [samples, tokens]"
          + (tokens?.shape.isEmpty == true ? "; cut one long text with \(.context)" : ""))
    }
    let mask = samples.inputs.first { $0.name == "attention_mask" && $0.shape == tokens.shape }
    return ArrayDataset(
      name: name, split: split, source: source,
      samples: samples.derivingTarget(SampleArray("target", nextOf: tokens, mask: mask)),
      notes: notes)
  }

  /// The same inputs with the target as classes or as numbers.
  ///
  /// - Throws: `DatasetError` where there is no target, or it holds other numbers than classes.
  func takingTarget(asClasses: Bool) throws(DatasetError) -> ArrayDataset {
    guard let target = samples.target else {
      throw DatasetError(
        .setting, source, "has no target that \(.target) could be about; leave it out")
    }
    if target.isInteger == asClasses { return self }
    guard !hasTextTarget else {
      throw DatasetError(.setting, source, "\(.target) numbers: the target is text; leave it out")
    }
    if asClasses, otherTarget == nil {
      let largest = Float(LabelledArrays.maximumLabel)
      let wrong = try samples.values(of: target).first {
        !(0...largest).contains($0) || $0 != $0.rounded()
      }
      if let wrong {
        throw DatasetError(
          .setting, source,
          "\(.target) classes: '\(target.name)' holds \(wrong); classes are whole numbers from 0 on"
        )
      }
    }
    let other = otherTarget?.array ?? (asClasses ? target.asClasses : target.asNumbers)
    return ArrayDataset(
      name: name, split: split, source: source, samples: samples.derivingTarget(other),
      notes: otherTarget?.notes ?? notes)
  }

  /// Rows of tokens cut to a length; one long text becomes rows, and a rest is left out.
  ///
  /// - Throws: `DatasetError` where rows do not divide so, or an array has nothing for each token.
  func cutting(context: Int) throws(DatasetError) -> ArrayDataset {
    guard let tokens, tokens.shape.count <= 1 else {
      throw DatasetError(
        .setting, source,
        "\(.context): the data have no rows of tokens, whole numbers; leave it out")
    }
    if tokens.shape == [context] { return self }
    guard context >= 1, (tokens.shape.first ?? context).isMultiple(of: context),
      tokens.shape.first != nil || tokens.count >= context
    else {
      throw DatasetError(
        .shape, source,
        tokens.shape.first.map {
          "rows of \($0) tokens do not divide into rows of \(context); give another \(.context)"
        } ?? "has \(tokens.count) tokens, fewer than a row of \(context); give another \(.context)")
    }
    func cut(_ array: SampleArray) throws(DatasetError) -> SampleArray {
      guard array.shape == tokens.shape else {
        throw DatasetError(
          .shape, source,
          "\(.context): '\(array.name)' has \(array.shape) per sample, not one element for each token; "
            + "leave it out, or cut the rows before")
      }
      return array.cut(to: context)
    }
    var inputs: [SampleArray] = []
    for input in samples.inputs { inputs.append(try cut(input)) }
    return ArrayDataset(
      name: name, split: split, source: source,
      samples: Samples(
        count: tokens.cut(to: context).count, inputs: inputs,
        target: try samples.target.map { (array) throws(DatasetError) in try cut(array) },
        weights: try samples.weights.map { (array) throws(DatasetError) in try cut(array) }),
      notes: notes)
  }
}

extension OpenedData {
  /// Whether outputs have something to be compared with.
  package var hasTarget: Bool {
    if case .arrays(let data) = self { data.samples.target != nil } else { true }
  }

  /// The data as a model takes them: rows of tokens, targets.
  ///
  /// - Parameters:
  ///   - context: Tokens of a row; nil for those of the data. What is opened is cut before anything else.
  ///   - target: Where the targets come from; nil for what the data have.
  /// - Returns: The data, which share the arrays.
  /// - Throws: `DatasetError` where the data are no rows of tokens.
  package func tokenRows(
    context: Int?, target: TargetChoice?
  ) throws(DatasetError) -> OpenedData {
    guard context != nil || target != nil && target != .array else { return self }
    guard case .arrays(var data) = self else {
      guard context != nil || target != .classes else { return self }
      throw DatasetError(
        .setting, name,
        context == nil && target == .numbers
          ? "\(.target) numbers: these are images with classes; leave it out"
          : (context == nil ? "next-token" : "\(.context)")
            + " is about tokens, but these are images"
      )
    }
    if let context { data = try data.cutting(context: context) }
    switch target {
    case .nextToken?: data = try data.predictingNextToken()
    case .classes?, .numbers?: data = try data.takingTarget(asClasses: target == .classes)
    case .array?, nil: break
    }
    return .arrays(data)
  }
}
