internal import Checkpoints
internal import FileFormats
internal import GraphFiles
internal import PythonSyntax

extension FuzzedReader {
  /// Texts in Python: read, and followed as the class of a network.
  static let code = [
    FuzzedReader("python", seeds: [.text(script), .text(method)], words: .python) { bytes, _ in
      let text = String(decoding: bytes, as: UTF8.self)
      for isLenient in [true, false] {
        let read = try PythonText(text, isLenient: isLenient)
        for statement in read.statements {
          guard case .type(let type) = statement.kind else { continue }
          for case .function(let function) in type.body.map(\.kind) { _ = try? function.body() }
        }
      }
    },
    FuzzedReader("module-code", seeds: [.text(method)], words: .python) { bytes, path in
      try CheckpointOpening.follow(network(String(decoding: bytes, as: UTF8.self), path: path))
    },
  ]

  /// A legacy file of a whole module, with the methods of its class.
  private static func network(_ methods: String, path: String) throws -> CodeFile {
    let lines = methods.split(separator: "\n", omittingEmptySubsequences: false)
    let source = "class Net(nn.Module):\n" + lines.map { "    \($0)" }.joined(separator: "\n")
    func linear() -> PickledModule { PickledModule(className: "torch.nn.modules.linear.Linear") }
    let list = PickledModule(
      className: "torch.nn.modules.container.ModuleList",
      children: ["0", "1"].map { PickledModule.Child(name: $0, module: linear()) })
    let module = PickledModule(
      className: "__main__.Net", attributes: ["width": .integer(3)],
      children: [
        PickledModule.Child(name: "fc", module: linear()),
        PickledModule.Child(name: "layers", module: list),
      ], buffers: ["mean"])
    let square = NumericArray([Float](repeating: 0.5, count: 9), shape: [3, 3])
    let row = NumericArray([1, 2, 3] as [Float], shape: [3])
    var tensors = ["w", "mean"].map { StoredTensor(name: $0, array: row) }
    for path in ["fc", "layers.0", "layers.1"] {
      tensors.append(StoredTensor(name: "\(path).weight", array: square))
      tensors.append(StoredTensor(name: "\(path).bias", array: row))
    }
    let contents = CheckpointContents(
      path: path, format: .pyTorchLegacy, sha256: "", tensors: tensors, module: module,
      sources: ["__main__.Net": source])
    guard let code = try contents.networkCode() else { preconditionFailure("a module has code") }
    return code
  }

  private static let script = """
    class Net(Module):
      __parameters__ = ["weight", ]
      weight : Tensor
      def forward(self: __torch__.Net,
        x: Tensor, y: Optional[Tensor]=None) -> Tensor:
        '''text'''
        _0 = ops.prim.NumToTensor(torch.size(x, 0))
        x0 = torch.view(x, [int(_0), -1], alpha=1.5e-3)
        if torch.__isnot__(y, None):
          z, w, = x0, [f"{i}" for i in range(3) if not i]
        else:
          z = x[:, 1:2, ..., None] ** 2 if y is None else -x0
        for _1 in range(2):
          z += {"a": 1, 'b': 2}["a"]
        return (z).forward(x0, )
    """

  private static let method = """
    def forward(self, x):
        y = [x]
        for i, layer in enumerate(self.layers):
            y.append(F.leaky_relu(layer(torch.cat(y[-1:], dim=1)), 0.1 * i))
        if x.size(0) > 2 or x.shape[1] == 3:
            x = sum(y) / math.sqrt(len(y))
        x = x.view(-1, self.count(x))[:, ::1] + self.fc(x) * self.w
        return F.log_softmax(x, dim=1)
    def count(self, x):
        n = 1
        for s in x.size()[1:]:
            n *= s
        return n
    """
}
