internal import PythonSyntax

/// PyTorch's own classes and functions, as far as they are not operators: what they compute in evaluation.
///
/// They are written in Python, for the same interpreter that reads the code of files.
final class PyTorchLibrary: CodeLibrary {
  private let modules: CodeScope
  private let functions: CodeScope
  private let operators: CodeScope

  /// Reads the texts.
  init() {
    modules = Self.scope("torch.nn", PyTorchModules.text)
    functions = Self.scope("torch.nn.functional", PyTorchFunctional.text)
    operators = Self.scope("torch", PyTorchOperators.text)
  }

  private static func scope(_ name: String, _ text: String) -> CodeScope {
    do {
      return CodeScope(.library, name: name, text: try PythonText(text))
    } catch {
      preconditionFailure("the library of PyTorch: \(error)")
    }
  }

  func type(named name: String) -> CodeClass? {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    guard name == last || name.hasPrefix("torch.nn.") else { return nil }
    return modules.types[last]
  }

  func function(named name: String) -> CodeFunction? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let last = String(name[name.index(after: dot)...])
    let scope: CodeScope
    switch name[..<dot] {
    case "torch.nn.functional", "torch.nn.init": scope = functions
    case "torch", "ops.aten", "torch.ops.aten", "torch.Tensor": scope = operators
    default: return nil
    }
    guard let function = scope.functions[last] else { return nil }
    return CodeFunction(function: function, scope: scope, owner: nil, receiver: nil)
  }
}
