/// A `torch.nn.Module` as a pickle records it: class, plain attributes, and modules inside.
///
/// It comes from a file that holds a whole module; nothing of it was run. Tensors of the module at a path
/// are those of the checkpoint under the path's name, like `features.0.weight`.
package struct PickledModule: Sendable, Hashable {
  /// A module under its name in the one around it.
  package struct Child: Sendable, Hashable {
    package let name: String
    package let module: PickledModule

    /// Joins the parts.
    package init(name: String, module: PickledModule) {
      self.name = name
      self.module = module
    }
  }

  /// Full name of the class, like `torch.nn.modules.conv.Conv2d` or `__main__.Net`.
  package let className: String
  /// Plain attributes by name, like `kernel_size`, `eps` or `inplace`; others are left out.
  package let attributes: [String: AttributeValue]
  /// The modules inside in their order, which for a `Sequential` is that of computation.
  package let children: [Child]
  /// Names of its own tensors that are no parameters.
  package let buffers: Set<String>
  /// Names of its own parameters by which no derivatives are taken.
  package let frozen: Set<String>
  /// Own tensors that are also others: full names of the first place where each one is, wrappers included.
  package let aliases: [String: String]
  /// Names of parameters, buffers and modules that are switched off, like a bias that is `None`.
  package let absent: Set<String>
  /// Classes of the hooks that run with its `forward`.
  package let hooks: [String]

  /// Joins the parts.
  package init(
    className: String, attributes: [String: AttributeValue] = [:], children: [Child] = [],
    buffers: Set<String> = [], frozen: Set<String> = [], aliases: [String: String] = [:],
    absent: Set<String> = [], hooks: [String] = []
  ) {
    self.buffers = buffers
    self.frozen = frozen
    self.aliases = aliases
    self.absent = absent
    self.hooks = hooks
    self.className = className
    self.attributes = attributes
    self.children = children
  }

  /// The module inside at a path like `layer1.0`; itself for the empty path, nil where there is none.
  ///
  /// - Complexity: Linear in the path and the children along it.
  package subscript(path path: String) -> PickledModule? {
    var module = self
    for name in path.split(separator: ".") {
      guard let child = module.children.first(where: { $0.name == name }) else { return nil }
      module = child.module
    }
    return module
  }
}

/// A plain value of a module's attribute.
package indirect enum AttributeValue: Sendable, Hashable {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  /// A function or class that the attribute is, like `torch.nn.functional.relu`.
  case name(String)
  /// A tuple, a list, or the elements of a small tensor.
  case list([AttributeValue])

  /// The whole number, if this is one.
  package var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The number, whole or not.
  package var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The truth value, if this is one.
  package var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

  /// The text of a string.
  package var text: String? { if case .text(let value) = self { value } else { nil } }

  /// Elements of a list or tuple.
  package var elements: [AttributeValue]? {
    if case .list(let values) = self { values } else { nil }
  }
}
