import PythonSyntax
import Testing

/// Texts are read as Python reads them.
@Suite struct PythonTextTests {
  private func expression(_ text: String) throws -> PythonExpression {
    let statement = try #require(try PythonText(text).statements.first)
    guard case .expression(let expression) = statement.kind else {
      throw PythonSyntaxError("no expression", line: 1)
    }
    return expression
  }

  @Test func productsBindTighterThanSumsAndPowersTighterThanSigns() throws {
    #expect(
      try expression("a + b * c")
        == .binary("+", .name("a"), .binary("*", .name("b"), .name("c"))))
    #expect(
      try expression("-x ** 2") == .unary("-", .binary("**", .name("x"), .integer(2))))
    #expect(
      try expression("a - b - c")
        == .binary("-", .binary("-", .name("a"), .name("b")), .name("c")))
    #expect(
      try expression("not a or b and c")
        == .logical(
          isAnd: false,
          [.unary("not", .name("a")), .logical(isAnd: true, [.name("b"), .name("c")])]))
  }

  @Test func callsHaveArgumentsByPlaceNameAndStar() throws {
    guard
      case .call(.attribute(.name("F"), "pad"), let arguments) = try expression(
        "F.pad(x, (1, 2,), *rest, value=0., **more)")
    else { throw PythonSyntaxError("no call", line: 1) }
    #expect(arguments.map(\.name) == [nil, nil, nil, "value", nil])
    #expect(arguments.map(\.stars) == [0, 0, 1, 0, 2])
    #expect(arguments[1].value == .tuple([.integer(1), .integer(2)]))
    #expect(arguments[3].value == .real(0))
  }

  @Test func numbersHaveAllForms() throws {
    let values: [(String, PythonExpression)] = [
      ("1_000", .integer(1000)), ("0x1F", .integer(31)), ("1e-5", .real(1e-5)), (".5", .real(0.5)),
      ("2.", .real(2)), ("1.e3", .real(1000)), ("9223372036854775808", .real(0x1p63)),
      ("0.10000000000000001", .real(0.1)),
    ]
    for (text, value) in values { #expect(try expression(text) == value, "\(text)") }
  }

  @Test func stringsHavePrefixesEscapesAndNeighbours() throws {
    #expect(try expression(#""a\n" 'b\x41' r"\n""#) == .text("a\nbA\\n"))
    #expect(try expression("\"\"\"one\ntwo\"\"\"") == .text("one\ntwo"))
    #expect(
      try expression("f\"layer{i + 1}_{{x}}\"")
        == .joined([
          .text("layer"), .binary("+", .name("i"), .integer(1)), .text("_{x}"),
        ]))
  }

  @Test func slicesAndComprehensionsAreRead() throws {
    #expect(
      try expression("x[:, 1:, ..., None, ::2]")
        == .element(
          .name("x"),
          .tuple([
            .slice(nil, nil, nil), .slice(.integer(1), nil, nil), .ellipsis, .none,
            .slice(nil, nil, .integer(2)),
          ])))
    guard
      case .comprehension(.name("y"), let clauses) = try expression(
        "[y for x in a for y in x if y]")
    else { throw PythonSyntaxError("no comprehension", line: 1) }
    #expect(clauses.map(\.conditions.count) == [0, 1])
  }

  @Test func blocksEndWhereIndentationEnds() throws {
    let text = try PythonText(
      """
      if a:
          b = 1  # one

          # two
          if c: d()
      elif e:
        f = (1,
      2)
      else:
          pass
      g = 2
      """)
    #expect(text.statements.count == 2)
    guard case .condition(_, let body, let rest) = text.statements[0].kind else {
      throw PythonSyntaxError("no condition", line: 1)
    }
    #expect(body.count == 2)
    #expect(body[1].line == 5)
    guard case .condition(_, _, let last) = rest.first?.kind else {
      throw PythonSyntaxError("no second condition", line: 1)
    }
    #expect(last.count == 1)
    #expect(text.statements[1].line == 11)
    #expect(text.line(5) == "if c: d()")
  }

  @Test func classesKeepWhatCanBeReadOfThem() throws {
    let text = try PythonText(
      """
          class Net(nn.Module, metaclass=M):
              size : int = 3
              kinds = {1, 2}
              @torch.jit.export
              def __init__(self):
                  try:
                      import x
                  except: pass
                  self.f = lambda a, b=1: a
              def forward(self, x: Tensor, *, flag=False) -> Tensor:
                  return x
      """)
    guard case .type(let type) = text.statements.first?.kind else {
      throw PythonSyntaxError("no class", line: 1)
    }
    #expect(type.name == "Net")
    #expect(type.bases == [.attribute(.name("nn"), "Module")])
    let functions = type.body.compactMap { statement -> PythonFunction? in
      if case .function(let function) = statement.kind { function } else { nil }
    }
    #expect(functions.map(\.name) == ["__init__", "forward"])
    #expect(functions[0].decorators == ["torch.jit.export"])
    #expect(functions[1].parameters.map(\.name) == ["self", "x", "", "flag"])
    #expect(functions[1].parameters.map(\.stars) == [0, 0, 1, 0])
    #expect(try functions[1].body().count == 1)
    #expect(try functions[0].body().count == 2)
  }

  @Test func namesWithoutIdentifiersAreDeclared() throws {
    let text = try PythonText("__annotations__[\"0\"] = __torch__.Conv2d\nx : List[int]\n")
    #expect(text.statements.count == 2)
  }

  @Test(arguments: [
    "a = (1", "a b", "if x:\npass", "x = 'a", "  a\n b", "$", "def f(x", "return return", "a[1",
    "for x y: pass", "{1: 2, **x}",
  ])
  func damagedTextsAreRefused(_ text: String) {
    #expect(throws: PythonSyntaxError.self) { try PythonText(text) }
  }

  @Test func deepTextsAreRefusedRatherThanRead() {
    let depth = 5000
    for (open, close) in [
      ("(", ")"), ("[", "]"), ("f(", ")"), ("-", ""), ("not ", ""), ("a+(", ")"),
    ] {
      let text =
        String(repeating: open, count: depth) + "x" + String(repeating: close, count: depth)
      #expect(throws: PythonSyntaxError.self) { try PythonText(text) }
    }
    let chain = "x" + String(repeating: ".a", count: depth)
    #expect(throws: PythonSyntaxError.self) { try PythonText(chain) }
    let conditions = (0..<depth).map { $0 == 0 ? "if a: pass\n" : "elif a: pass\n" }.joined()
    #expect(throws: PythonSyntaxError.self) { try PythonText(conditions) }
    let blocks = (0..<depth).map { String(repeating: " ", count: $0) + "if a:\n" }.joined()
    #expect(throws: PythonSyntaxError.self) { try PythonText(blocks) }
  }
}
