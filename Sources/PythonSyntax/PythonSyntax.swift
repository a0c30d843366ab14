/// An expression in Python.
package indirect enum PythonExpression: Hashable, Sendable {
  case name(String)
  case none
  case boolean(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case ellipsis
  /// Parts of a formatted string, joined as texts.
  case joined([PythonExpression])
  case attribute(PythonExpression, String)
  case call(PythonExpression, [PythonArgument])
  case element(PythonExpression, PythonExpression)
  /// `lower:upper:step` inside brackets.
  case slice(PythonExpression?, PythonExpression?, PythonExpression?)
  case tuple([PythonExpression])
  case list([PythonExpression])
  case dictionary([PythonPair])
  /// `-`, `+`, `~` or `not`.
  case unary(String, PythonExpression)
  case binary(String, PythonExpression, PythonExpression)
  /// `a < b <= c`; the names of the comparisons are `<`, `is not`, `in`, ...
  case comparison(PythonExpression, [PythonComparison])
  /// `and` or `or`.
  case logical(isAnd: Bool, [PythonExpression])
  /// Condition, value where it holds, value otherwise.
  case conditional(PythonExpression, PythonExpression, PythonExpression)
  /// Elements made by loops, each with its conditions.
  case comprehension(PythonExpression, [PythonClause])
  case starred(PythonExpression)
  /// What is recognised but has no meaning here, like a lambda.
  case unsupported(String)
}

/// An argument of a call.
package struct PythonArgument: Hashable, Sendable {
  /// The name of a keyword argument.
  package let name: String?
  /// What is given.
  package let value: PythonExpression
  /// Number of stars before it.
  package let stars: Int
}

/// An entry of a dictionary.
package struct PythonPair: Hashable, Sendable {
  package let key: PythonExpression
  package let value: PythonExpression
}

/// A comparison with the operand on its right.
package struct PythonComparison: Hashable, Sendable {
  package let operation: String
  package let operand: PythonExpression
}

/// A loop of a comprehension.
package struct PythonClause: Hashable, Sendable {
  package let target: PythonExpression
  package let sequence: PythonExpression
  package let conditions: [PythonExpression]
}

/// A statement with the line that it starts in.
package struct PythonStatement: Sendable {
  /// What a statement does.
  package indirect enum Kind: Sendable {
    case expression(PythonExpression)
    /// `a = b = value`.
    case assignment([PythonExpression], PythonExpression)
    /// `a: type = value`.
    case declaration(PythonExpression, type: PythonExpression, PythonExpression?)
    /// `a += value`, by the name of the operator.
    case update(PythonExpression, String, PythonExpression)
    case result(PythonExpression?)
    case condition(PythonExpression, [PythonStatement], [PythonStatement])
    case loop(PythonExpression, over: PythonExpression, [PythonStatement])
    case repetition(PythonExpression, [PythonStatement])
    case scope([PythonExpression], [PythonStatement])
    case pass
    case leave
    case next
    case assertion(PythonExpression, PythonExpression?)
    case failure(PythonExpression?)
    case imports([PythonImport])
    case function(PythonFunction)
    case type(PythonClass)
    /// What is recognised but has no meaning here, like `try`.
    case unsupported(String)
  }

  /// What it does.
  package let kind: Kind
  /// Its first line, from 1 on.
  package let line: Int
}

/// A name that an import binds.
package struct PythonImport: Hashable, Sendable {
  /// The name in the text.
  package let name: String
  /// What it stands for, like `torch.nn.functional`.
  package let path: String
}

/// A parameter of a function.
package struct PythonParameter: Hashable, Sendable {
  package let name: String
  package let type: PythonExpression?
  package let defaultValue: PythonExpression?
  /// Number of stars before it.
  package let stars: Int
}

/// A class with its bases, methods and values.
package final class PythonClass: Sendable {
  package let name: String
  package let bases: [PythonExpression]
  /// Functions, assignments and declarations; what cannot be read is left out.
  package let body: [PythonStatement]

  init(name: String, bases: [PythonExpression], body: [PythonStatement]) {
    self.name = name
    self.bases = bases
    self.body = body
  }
}

/// A function whose statements are read when they are asked for.
///
/// So a file can be used though one of its functions uses what is not read.
package final class PythonFunction: Sendable {
  package let name: String
  /// Names of the decorators, like `staticmethod`.
  package let decorators: [String]
  package let parameters: [PythonParameter]
  private let tokens: ArraySlice<PythonToken>

  init(
    name: String, decorators: [String], parameters: [PythonParameter],
    tokens: ArraySlice<PythonToken>
  ) {
    self.name = name
    self.decorators = decorators
    self.parameters = parameters
    self.tokens = tokens
  }

  /// A function without parameters and statements.
  package static let none = PythonFunction(name: "", decorators: [], parameters: [], tokens: [])

  /// The statements.
  ///
  /// - Throws: `PythonSyntaxError` for what is not read.
  /// - Complexity: Linear in the text, at each call.
  package func body() throws(PythonSyntaxError) -> [PythonStatement] {
    var parser = PythonParser(Array(tokens))
    return try parser.suite()
  }
}
