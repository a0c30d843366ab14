package import Checkpoints

extension PickledModule {
  /// What a layer says of itself that no network found by shapes has, like `features.3 has dilation 2`; nil
  /// where there is nothing.
  ///
  /// Shapes show neither dilation nor how images are padded, so a search would measure another network.
  ///
  /// - Complexity: Linear in the modules.
  package var peculiarity: String? { peculiarity(at: "") }

  private func peculiarity(at path: String) -> String? {
    if className.hasPrefix("torch.nn.") {
      if let dilation = attributes["dilation"], !dilation.isOne {
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

  /// The number of a number or of a list of equal ones; else all numbers.
  fileprivate var text: String {
    guard case .list(let values) = self else { return integer.map(String.init) ?? "?" }
    let texts = values.map(\.text)
    return Set(texts).count == 1 ? texts[0] : texts.joined(separator: " x ")
  }
}
