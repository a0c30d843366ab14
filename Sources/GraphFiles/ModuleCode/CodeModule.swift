internal import PythonSyntax

/// A module of a network, as a file holds it: a class with attributes and modules inside.
///
/// Changed by the one interpreter that runs it, see `CodeInterpreter.set`.
final class CodeModule {
  /// Full name of its class, like `torch.nn.modules.conv.Conv2d`.
  let typeName: String
  /// Its class, where the code is known.
  let type: CodeClass?
  /// Path from the network, like `layer1.0.conv1`; empty for the network.
  let path: String
  /// Attributes by name, tensors among them; modules inside are in `children` too.
  var attributes: [String: CodeValue] = [:]
  /// Modules inside, in order.
  var children: [(name: String, module: CodeModule)] = []

  /// A module without attributes.
  init(typeName: String, type: CodeClass?, path: String) {
    self.typeName = typeName
    self.type = type
    self.path = path
  }

  /// Name for messages.
  var title: String {
    let name = typeName.split(separator: ".").last.map(String.init) ?? typeName
    return path.isEmpty ? name : "\(path) (\(name))"
  }
}

/// A class of interpreted code.
final class CodeClass {
  /// Full name.
  let name: String
  /// Where names in its functions are looked up; it owns the class, and the library owns it.
  unowned let scope: CodeScope
  /// Expressions of its bases.
  let bases: [PythonExpression]
  /// Methods by name; the last one of a name counts.
  private(set) var functions: [String: PythonFunction] = [:]
  /// Values that its body gives to names, unread.
  private(set) var values: [String: PythonExpression] = [:]
  /// Names that its body declares, in order.
  private(set) var declarations: [(name: String, type: PythonExpression)] = []

  /// A class with what its body says.
  init(name: String, _ type: PythonClass, scope: CodeScope) {
    self.name = name
    self.scope = scope
    bases = type.bases
    for statement in type.body {
      switch statement.kind {
      case .function(let function): functions[function.name] = function
      case .assignment(let targets, let value):
        for case .name(let target) in targets { values[target] = value }
      case .declaration(let target, let type, let value):
        guard let name = Self.declaredName(target) else { continue }
        declarations.append((name, type))
        if let value { values[name] = value }
      default: break
      }
    }
  }

  /// Names that are no identifiers are written as `__annotations__["0"] = ...`.
  private static func declaredName(_ target: PythonExpression) -> String? {
    switch target {
    case .name(let name): name
    case .element(_, .text(let name)): name
    default: nil
    }
  }

  /// Texts in a list that the body gives to a name.
  func texts(_ name: String) -> [String] {
    guard case .list(let elements)? = values[name] else { return [] }
    return elements.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  /// Whether one of its bases has a name.
  func hasBase(_ name: String) -> Bool {
    bases.contains { base in
      switch base {
      case .name(let own), .attribute(_, let own): own == name
      default: false
      }
    }
  }
}

/// Where names of a text of code are looked up.
final class CodeScope {
  /// What kind of code it is.
  enum Kind {
    /// A text inside a TorchScript archive, which names everything in full.
    case script
    /// Source of a class as its author wrote it.
    case source
    /// Our text of PyTorch's own classes and functions.
    case library
  }

  /// What kind of code it is.
  let kind: Kind
  /// Full name of the module of Python, like `__torch__.torch.nn.functional`.
  let name: String
  /// The text.
  let text: PythonText
  /// Functions of the text by name.
  private(set) var functions: [String: PythonFunction] = [:]
  /// Classes of the text by name.
  private(set) var types: [String: CodeClass] = [:]
  /// What imports bind names to.
  private(set) var imports: [String: String] = [:]

  /// A text with its definitions.
  init(_ kind: Kind, name: String, text: PythonText) {
    self.kind = kind
    self.name = name
    self.text = text
    for statement in text.statements {
      switch statement.kind {
      case .function(let function): functions[function.name] = function
      case .type(let type):
        types[type.name] = CodeClass(
          name: name.isEmpty ? type.name : "\(name).\(type.name)", type, scope: self)
      case .imports(let bound): for item in bound { imports[item.name] = item.path }
      default: break
      }
    }
  }
}

/// Finds classes and functions of code by their full names.
protocol CodeLibrary: AnyObject {
  /// A class; nil if there is none of this name.
  func type(named name: String) throws -> CodeClass?
  /// A function; nil if there is none of this name.
  func function(named name: String) throws -> CodeFunction?
}
