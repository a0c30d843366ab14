/// PyTorch's operators, as `torch.export` writes them: as called, functional, or decomposed.
struct ATenDialect: OperatorDialect {
  /// All rules by name without namespace, overload and the sign of writing in place.
  static let rules: [String: Rule] = [
    ATenArithmetic.rules, ATenActivations.rules, ATenShapes.rules, ATenParts.rules,
    ATenReductions.rules,
    ATenCreation.rules, ATenLayers.rules, ATenConvolutions.rules, ATenNormalizations.rules,
    ATenResizing.rules, ATenRecurrences.rules, ATenIndexing.rules, ATenLosses.rules,
    PythonNumbers.rules,
  ].reduce(into: [:]) { all, rules in all.merge(rules) { first, _ in first } }

  let opset: Int? = nil

  func name(of operation: String) -> String {
    let parts = operation.split(separator: ".").map(String.init)
    // `aten.conv2d.default`, `_operator.mul`, `custom.name.overload`.
    guard parts.count >= 2 else { return operation }
    switch parts[0] {
    case "aten": return parts[1]
    case "_operator", "math": return "python." + parts[parts.count - 1]
    default: return operation
    }
  }

  func ignores(_ name: String) -> Bool {
    name.hasPrefix("_assert_") || name.hasPrefix("sym_constrain_range")
      || name == "python.ge" || name == "python.le" || name == "python.gt" || name == "python.lt"
  }

  func rule(named name: String) -> (rule: Rule, isInPlace: Bool)? {
    if let rule = Self.rules[name] { return (rule, false) }
    guard isInPlace(name), let rule = Self.rules[String(name.dropLast())] else { return nil }
    return (rule, true)
  }

  func reason(againstName name: String) -> String {
    let base = isInPlace(name) ? String(name.dropLast()) : name
    let random: Set<String> = [
      "rand", "randn", "randint", "rand_like", "randn_like", "randint_like", "bernoulli",
      "multinomial", "normal", "randperm", "uniform", "exponential",
    ]
    if random.contains(base) {
      return "draws new numbers in every pass, so the loss is no function of the weights"
    }
    let byData: Set<String> = ["nonzero", "masked_select", "unique", "sort", "topk", "argsort"]
    if byData.contains(base) { return "is not supported: its result depends on the order of data" }
    return "is not supported"
  }

  func isView(_ name: String) -> Bool { ATenShapes.views.contains(name) }

  func isInPlace(_ name: String) -> Bool {
    name.hasSuffix("_") && !name.hasSuffix("__") && !name.hasPrefix("_operator")
  }

  func givesSequence(_ name: String) -> Bool { false }

  func batchNorm(_ name: String) -> (mean: Int, variance: Int, momentum: Double)? {
    switch name {
    case "batch_norm", "native_batch_norm", "_native_batch_norm_legit",
      "_native_batch_norm_legit_no_training", "instance_norm":
      (3, 4, 0.1)
    default: nil
    }
  }

  func trainingFlag(_ name: String) -> (name: String, place: Int)? {
    switch name {
    case "dropout", "dropout_", "feature_dropout", "feature_dropout_", "native_dropout":
      ("train", 2)
    case "batch_norm", "native_batch_norm": ("training", 5)
    default: nil
    }
  }

  func momentum(given: Double) -> Double { given }

  func joinedAxes(_ node: ProgramNode, rank: Int) -> [Int]? {
    let name = name(of: node.operation)
    func argument(_ name: String) -> ArgumentValue? {
      node.arguments.first { $0.name == name }?.value
    }
    func axes(_ value: ArgumentValue?) -> [Int]? {
      switch value {
      case .integer(let axis)?: [axis < 0 ? axis + rank : axis]
      case .list(let values)? where !values.isEmpty: values.flatMap { axes($0) ?? [] }
      default: nil
      }
    }
    if name == "slice" {
      // All samples may be taken, but not some.
      if case .integer(let start)? = argument("start"), start != 0 {
        return axes(argument("dim")) ?? [0]
      }
      if case .integer(let end)? = argument("end"), end < 1 << 62 {
        return axes(argument("dim")) ?? [0]
      }
      return nil
    }
    guard ATenReductions.mixing.contains(name) else { return nil }
    if let given = axes(argument("dim") ?? argument("dims")) { return given }
    // Operators that need an axis take the first one; others take all.
    return ["select", "unbind", "cat", "stack", "glu"].contains(name) ? [0] : Array(0..<rank)
  }
}

/// Arithmetic of Python's numbers, which programs do on extents.
enum PythonNumbers {
  static let rules: [String: Rule] = [
    "python.add": binary { $0 + $1 },
    "python.sub": binary { $0 - $1 },
    "python.mul": binary { $0 * $1 },
    "python.pow": binary { x, y in
      guard y >= 0, y < 64 else { return .nan }
      return (0..<Int(y)).reduce(1) { power, _ in power * x }
    },
    "python.floordiv": binary { ($0 / $1).rounded(.down) },
    "python.mod": binary { $0 - $1 * ($0 / $1).rounded(.down) },
    "python.truediv": one { b, a in
      try ATenArithmetic.known(&b, a.tensor("a", 0), a.tensor("b", 1), "division") { $0 / $1 }
    },
    "python.neg": one { try $0.negate($1.tensor("a", 0)) },
    "python.eq": comparison { $0 == $1 },
    "python.ne": comparison { $0 != $1 },
    "python.trunc": one { b, a in
      try ATenArithmetic.rounded(&b, a.tensor("a", 0), "trunc") { $0.rounded(.towardZero) }
    },
    "python.sym_sum": one { b, a in
      try a.tensors("a", 0).reduce(b.with(b.number(0), element: .integer)) { try b.add($0, $1) }
    },
  ]

  private static func binary(_ body: @escaping @Sendable (Double, Double) -> Double) -> Rule {
    one { b, a in
      let result = try ATenArithmetic.known(
        &b, a.tensor("a", 0), a.tensor("b", 1), "arithmetic", body)
      guard let number = result.scalar, number.isFinite else {
        throw Refusal("arithmetic of extents without a result")
      }
      return result
    }
  }

  private static func comparison(_ body: @escaping @Sendable (Double, Double) -> Bool) -> Rule {
    one { b, a in
      let result = try ATenArithmetic.known(&b, a.tensor("a", 0), a.tensor("b", 1), "comparison") {
        body($0, $1) ? 1 : 0
      }
      return b.with(result, element: .boolean)
    }
  }
}
