package import Checkpoints

extension PickledModule {
  /// What a layer says of itself that no network found by shapes has, like `features.3 has padding_mode 'circular'`;
  /// nil where there is nothing.
  ///
  /// Convolutions are searched with zeros around the images and one dilation for both axes, pooling without any.
  ///
  /// - Complexity: Linear in the modules.
  package var peculiarity: String? { peculiarity(at: "") }

  private func peculiarity(at path: String) -> String? {
    if className.hasPrefix("torch.nn.") {
      if let dilation = attributes["dilation"], !dilation.isOne,
        !(className.hasSuffix(".Conv2d") && dilation.isUniform)
      {
        return "\(path) has dilation \(dilation.text)"
      }
      if case .text(let mode)? = attributes["padding_mode"], mode != "zeros" {
        return "\(path) has padding_mode '\(mode)'"
      }
    }
    for child in children {
      let name = path.isEmpty ? child.name : "\(path).\(child.name)"
      if let found = child.module.peculiarity(at: name) { return found }
    }
    return nil
  }
}

extension AttributeValue {
  /// Whether it is 1, or a list of ones.
  fileprivate var isOne: Bool {
    switch self {
    case .list(let values): values.allSatisfy(\.isOne)
    default: integer == 1
    }
  }

  /// Whether it is one number, or a list of equal ones, that a convolution can have.
  fileprivate var isUniform: Bool {
    let numbers: [Int?] =
      switch self {
      case .list(let values): values.map(\.integer)
      default: [integer]
      }
    guard let first = numbers.first, let first, (1...ModuleHints.largest).contains(first) else {
      return false
    }
    return numbers.allSatisfy { $0 == first }
  }

  /// The number of a number or of a list of equal ones; else all numbers.
  fileprivate var text: String {
    guard case .list(let values) = self else { return integer.map(String.init) ?? "?" }
    let texts = values.map(\.text)
    return Set(texts).count == 1 ? texts[0] : texts.joined(separator: " x ")
  }
}
