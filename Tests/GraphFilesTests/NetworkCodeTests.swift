import Checkpoints
import FileFormats
import ModelImport
import Testing

@testable import GraphFiles

/// What the code of a network means: legacy files hold it beside the tensors.
@Suite struct NetworkCodeTests {
  /// A network of one class with a forward, a linear layer `fc`, a list of two and a parameter.
  static func network(
    _ body: String, parameter: [Float] = [1, 2, 3], hooks: [String] = [],
    attributes: [String: AttributeValue] = [:]
  ) throws -> CodeFile {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
    let source = "class Net(nn.Module):\n" + lines.map { "    \($0)" }.joined(separator: "\n")
    func linear() -> PickledModule { PickledModule(className: "torch.nn.modules.linear.Linear") }
    let list = PickledModule(
      className: "torch.nn.modules.container.ModuleList",
      children: ["0", "1"].map { PickledModule.Child(name: $0, module: linear()) })
    let module = PickledModule(
      className: "__main__.Net", attributes: attributes,
      children: [
        PickledModule.Child(name: "fc", module: linear()),
        PickledModule.Child(name: "layers", module: list),
      ], buffers: ["mean"], frozen: ["fixed"], aliases: ["again": "w"], hooks: hooks)
    let square = NumericArray([Float](repeating: 0.5, count: 9), shape: [3, 3])
    let row = NumericArray(parameter, shape: [parameter.count])
    var tensors = ["w", "again", "fixed", "mean"].map { StoredTensor(name: $0, array: row) }
    for path in ["fc", "layers.0", "layers.1"] {
      tensors.append(StoredTensor(name: "\(path).weight", array: square))
      tensors.append(StoredTensor(name: "\(path).bias", array: row))
    }
    let contents = CheckpointContents(
      path: "net.pt", format: .pyTorchLegacy, sha256: "", tensors: tensors, module: module,
      sources: ["__main__.Net": source])
    return try #require(try contents.networkCode())
  }

  /// Bases that have bases: ways through them doubled from one to the next.
  @Test func classesOfManyBasesAreLookedAtOnce() throws {
    var sources: [String: String] = [:]
    for level in 0..<40 {
      let base = "Level\(level + 1)"
      sources["__main__.Level\(level)"] =
        "class Level\(level)(\(base), \(base), \(base)):\n    width = 1\n"
    }
    let contents = CheckpointContents(
      path: "net.pt", format: .pyTorchLegacy, sha256: "", tensors: [],
      module: PickledModule(className: "__main__.Level0"), sources: sources)
    let time = ContinuousClock().measure {
      let error = #expect(throws: CheckpointError.self) { try contents.networkCode() }
      #expect(error?.detail.contains("does not hold its forward") == true)
    }
    #expect(time < .seconds(5))
  }

  /// The operators of a network for a row of three numbers.
  static func operators(_ body: String) throws -> [String] {
    try program(body).nodes.map { String($0.operation.split(separator: ".")[1]) }
  }

  static func program(_ body: String, shape: [Int?] = [1, 3]) throws -> GraphProgram {
    let code = try network(body)
    let inputs = code.inputNames.map { ProgramInput(name: $0, element: .real, shape: shape) }
    return try code.graph(inputs: inputs).graph.program
  }

  /// What is said of a network that cannot be followed.
  private func refusal(_ body: String) -> String {
    do {
      _ = try Self.program(body)
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test func loopsOverModulesAndNumbersAreWrittenOut() throws {
    let operators = try Self.operators(
      """
      def forward(self, x):
          for i, layer in enumerate(self.layers):
              x = layer(x) if i < 1 else self.twice(layer, x)
          return sum([x for _ in range(2)])
      def twice(self, layer, x):
          return layer(layer(x))
      """)
    #expect(operators == ["linear", "linear", "linear", "add", "add"])
  }

  @Test func conditionsOnShapesAreDecided() throws {
    let body = """
      def forward(self, x):
          if x.dim() == 2 and x.shape[-1] % 2 == 1 and not self.training:
              return torch.relu(x * self.w)
          return torch.tanh(x)
      """
    #expect(try Self.operators(body) == ["mul", "relu"])
    #expect(try Self.program(body, shape: [1, 4]).nodes.map(\.operation) == ["aten.tanh.default"])
  }

  @Test func sizesAreNumbersOfOneSample() throws {
    let program = try Self.program(
      "def forward(self, x): return (x * self.w).view(x.size(0), 1, -1)")
    #expect(
      program.nodes.last?.arguments[1].value
        == .list([.integer(1), .integer(1), .integer(-1)]))
  }

  @Test func whatIsWrittenInPlaceKeepsItsName() throws {
    let program = try Self.program(
      """
      def forward(self, x):
          y = self.fc(x)
          y += x
          F.relu(y, inplace=True)
          return y * self.w
      """)
    #expect(program.nodes.map(\.operation)[1...2] == ["aten.add_.Tensor", "aten.relu_.default"])
    #expect(program.nodes.last?.arguments[0].value == .value(program.nodes[0].outputs[0]))
  }

  @Test func tensorsAreWhatTheFileSaysOfThem() throws {
    let tensors = try Self.program("def forward(self, x): return x * self.w + self.again").tensors
    let first = try #require(tensors.first)
    #expect(first.name == "w" && first.aliases == ["again"] && first.kind == .parameter)
    #expect(tensors.first { $0.name == "fixed" }?.kind == .frozen)
    #expect(tensors.first { $0.name == "mean" }?.kind == .buffer)
    #expect(tensors.map(\.name).suffix(2) == ["layers.1.weight", "layers.1.bias"])
  }

  @Test func argumentsAreFittedToTheOverloadThatPyTorchTakes() throws {
    let program = try Self.program(
      """
      def forward(self, x):
          a = x.max(1)[0] + torch.max(x, self.w) + x.mean(dim=(0, 1), keepdim=True)
          return 1 - a + x[:, None, :2].sum([1, 2])
      """)
    let operations = program.nodes.map(\.operation)
    for name in ["max.dim", "max.other", "mean.dim", "sub.Tensor", "sum.dim_IntList"] {
      #expect(operations.contains("aten.\(name)"), "\(name) in \(operations)")
    }
  }

  @Test func refusalsNameReasonAndLine() {
    let cases = [
      ("if x.sum() > 0: x = -x", "the way of the network depends on data"),
      ("x = torch.topk(x, 2)[0]", "its result depends on the order of data"),
      ("x = x + torch.randn(3)", "draws new numbers in every pass"),
      ("x = helper(x)", "uses the name helper, which the file does not explain"),
      ("x = self.missing(x)", "has no missing"),
      ("x = self.fc(x.view(7, -1))", "aten.view"),
      ("raise ValueError('no')", "the network stops here: no"),
      ("assert x.dim() == 7, 'axes'", "the network asserts otherwise: axes"),
      ("x = x[9]", "aten.select"),
      ("y = 1 // 0", "a division by zero"),
    ]
    for (line, reason) in cases {
      let text = refusal("def forward(self, x):\n    \(line)\n    return x * self.w")
      #expect(text.contains(reason) && text.contains("\"\(line)\""), "\(line): \(text)")
      #expect(!text.contains("\n"))
    }
  }

  @Test func aPassThatDependsOnTheOneBeforeIsRefused() throws {
    let body = "self.h = %\n    return x * self.w"
    let attributes = ["h": AttributeValue.number(0)]
    func graph(_ value: String) throws {
      let text = "def forward(self, x):\n    " + body.replacing("%", with: value)
      let code = try Self.network(text, attributes: attributes)
      _ = try code.graph(inputs: [ProgramInput(name: "x", element: .real, shape: [1, 3])])
    }
    try graph("1")
    // Each run begins with what the file holds.
    try graph("1")
    #expect(throws: CheckpointError.self) { try graph("self.h + 1") }
  }

  @Test func hooksThatTheFileDoesNotHoldAreRefused() throws {
    let body = "def forward(self, x): return x * self.w"
    let inputs = [ProgramInput(name: "x", element: .real, shape: [1, 3])]
    #expect(throws: CheckpointError.self) {
      try Self.network(body, hooks: ["__main__.scale"]).graph(inputs: inputs)
    }
    _ = try Self.network(body, hooks: ["torch.nn.utils.weight_norm.WeightNorm"]).graph(
      inputs: inputs)
  }

  @Test func rowsAreMadeOfImagesWhereOnlyRowsFit() throws {
    let code = try Self.network("def forward(self, x): return self.fc(x)")
    let (graph, remark) = try code.graph(
      inputs: [ProgramInput(name: "x", element: .real, shape: [1, 1, 3, 1])])
    #expect(
      graph.program.nodes.map(\.operation) == ["aten.flatten.using_ints", "aten.linear.default"])
    #expect(remark?.contains("flattened") == true)
  }

  @Test func codeWithoutEndIsRefused() {
    let endless = [
      "while True: pass", "for i in range(10**18): pass", "y = [0] * 10**9", "y = 'a' * 10**9",
      "y = 10**10**10", "y = 2**62 * 4", "y = -(-2**63)", "return self.forward(x)",
      "y = [0]\n    while True: y = y + y", "y = 'a'\n    while True: y = y + y",
      "y = []\n    while True: y.append(y)", "y = ()\n    while True: y = (y, y)",
      "while True: x = x + 1", "y = 1.0e300 * 1e300\n    z = int(y)",
      "y = range(-2**63, 2**63 - 1, 2**62)[9]",
    ]
    for line in endless {
      let text = refusal("def forward(self, x):\n    \(line)\n    return x * self.w")
      #expect(!text.isEmpty && !text.contains("\n"), "\(line): \(text)")
    }
  }

  @Test func baseClassesAndSuperAreFollowed() throws {
    let source = """
      def forward(self, x):
          return self.fc(x) + Double()(x)
      """
    #expect(refusal(source).contains("Double"))
    #expect(
      try Self.operators("def forward(self, x): return nn.ReLU(inplace=False)(x) * self.w")
        == ["relu", "mul"])
  }
}
