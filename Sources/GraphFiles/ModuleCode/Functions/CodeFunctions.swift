internal import Foundation
internal import ModelImport

/// Functions of PyTorch, `math` and NumPy that the interpreter knows by itself, by their full names.
///
/// Those that TorchScript writes for Python's operators take tensors and numbers alike: numbers are computed,
/// all else goes to the operator of the same name.
enum CodeFunctions {
  static let all: [String: CodePrimitive] = {
    var all = torch
    for (name, function) in torch where name.hasPrefix("torch.") {
      all["ops.aten." + name.dropFirst(6)] = function
    }
    for (name, sign) in binaries { all["torch.\(name)"] = binary(name, sign) }
    for (name, sign) in comparisons { all["torch.\(name)"] = comparison(name, sign) }
    for name in PythonMethods.all.keys
    where !["format", "index", "count", "numel", "values", "split", "replace"].contains(name) {
      all["torch.\(name)"] = method(name)
    }
    for (name, function) in roundings {
      all["torch.\(name)"] = rounding(name, function)
      all["math.\(name)"] = all["torch.\(name)"]
    }
    for (name, function) in reals {
      all["torch.\(name)"] = real(name, function)
      all["math.\(name)"] = all["torch.\(name)"]
      all["numpy.\(name)"] = all["torch.\(name)"]
    }
    return all
  }()

  private static let torch: [String: CodePrimitive] = [
    // Shapes.
    "torch.size": { i, a in
      try i.callTensorMethod("size", of: try a.required(0, "self"), a.dropping())
    },
    "torch.dim": { i, a in
      try i.callTensorMethod("dim", of: try a.required(0, "self"), a.dropping())
    },
    "torch.numel": { i, a in
      try i.callTensorMethod("numel", of: try a.required(0, "self"), a.dropping())
    },
    "torch.len": { i, a in try builtin("len", i, a) },
    "ops.prim.NumToTensor": { _, a in try a.required(0, "a") },
    "ops.prim.dtype": { i, a in try i.attribute("dtype", of: try a.required(0, "a")) },
    "ops.prim.device": { _, _ in .setting("device") },
    "ops.prim.type": { _, _ in .text("cpu") },
    "ops.prim.layout": { _, _ in .setting("layout") },
    "ops.prim.data": { i, a in try i.operate("detach", a) },
    "ops.prim.is_cuda": { _, _ in .boolean(false) },
    "ops.prim.is_mps": { _, _ in .boolean(false) },
    "ops.prim.is_quantized": { _, _ in .boolean(false) },
    "ops.prim.is_mkldnn": { _, _ in .boolean(false) },
    "ops.prim.is_sparse": { _, _ in .boolean(false) },
    "ops.prim.is_nested": { _, _ in .boolean(false) },
    "ops.prim.requires_grad": { _, _ in .boolean(true) },
    "ops.prim.min": { i, a in try builtin("min", i, a) },
    "ops.prim.max": { i, a in try builtin("max", i, a) },
    "ops.prim.abs": { i, a in try builtin("abs", i, a) },
    "ops.prim.unchecked_unwrap_optional": { _, a in try a.required(0, "optional") },
    "ops.prim.RaiseException": { i, a in
      throw CodeRefusal(
        "the network stops here: \(try i.text(of: try a.required(0, "msg")).prefix(200))")
    },
    "torch.is_grad_enabled": { _, _ in .boolean(true) },
    "torch.is_tensor": { _, a in .boolean(try a.required(0, "obj").isTensor) },
    "torch.is_floating_point": { i, a in
      .boolean(i.elementKind(try a.required(0, "self")) == .real)
    },
    "torch.is_complex": { _, _ in .boolean(false) },
    "torch.is_autocast_enabled": { _, _ in .boolean(false) },
    "torch.jit.is_scripting": { _, _ in .boolean(false) },
    "torch.jit.is_tracing": { _, _ in .boolean(false) },
    "torch.onnx.is_in_onnx_export": { _, _ in .boolean(false) },
    "torch.device": { _, _ in .setting("device") },
    "torch.cuda.is_available": { _, _ in .boolean(false) },
    "torch._assert": { i, a in
      guard try i.truth(of: try a.required(0, "condition")) else {
        throw CodeRefusal(
          "the network asserts otherwise: \(try i.text(of: try a.required(1, "message")).prefix(200))"
        )
      }
      return .none
    },
    "torch.Size": { i, a in try i.tuple(try i.elements(of: try a.required(0, "sizes"))) },
    "torch.autograd.Variable": { _, a in try a.required(0, "data") },
    "torch._C._log_api_usage_once": { _, _ in .none },
    "torch.utils.checkpoint.checkpoint": { i, a in
      var inner = a.dropping()
      inner.named.removeAll { $0.name == "use_reentrant" }
      return try i.call(try a.required(0, "function"), inner)
    },

    // Python's operators as TorchScript writes them.
    "torch.__is__": { i, a in try i.compare("is", try a.required(0, "a"), try a.required(1, "b")) },
    "torch.__isnot__": { i, a in
      try i.compare("is not", try a.required(0, "a"), try a.required(1, "b"))
    },
    "torch.__not__": { i, a in .boolean(try !i.truth(of: try a.required(0, "a"))) },
    "torch.__contains__": { i, a in
      try i.compare("in", try a.required(1, "item"), try a.required(0, "container"))
    },
    "torch.__getitem__": { i, a in
      try i.element(of: try a.required(0, "container"), at: try a.required(1, "index"))
    },
    "torch._set_item": { i, a in
      try i.setElement(
        of: try a.required(0, "container"), at: try a.required(1, "index"),
        to: try a.required(2, "value"))
      return .none
    },
    "torch.__range_length": { i, a in
      guard case .list(let index) = try builtin("range", i, a) else { return .integer(0) }
      return .integer(i.lists[index].count)
    },
    "torch.__derive_index": { i, a in
      let offset = try i.binary("*", try a.required(0, "index"), try a.required(2, "step"))
      return try i.binary("+", try a.required(1, "start"), offset)
    },
    "torch.slice": { i, a in
      let value = try a.required(0, "self")
      if value.isTensor { return try i.operate("slice", a) }
      return try i.element(
        of: value,
        at: .slice(
          a.value(1, "start") ?? .none, a.value(2, "end") ?? .none, a.value(3, "step") ?? .none))
    },
    "torch.list": { i, a in i.list(try i.elements(of: try a.required(0, "iterable"))) },
    "torch.format": { i, a in
      try i.limited(try a.positional.map { try i.text(of: $0) }.joined(separator: " "))
    },
    "torch.warn": { _, _ in .none },
    "warnings.warn": { _, _ in .none },
    "torch.sum": { i, a in
      a.positional.first?.isTensor == false ? try builtin("sum", i, a) : try i.operate("sum", a)
    },
    "torch.any": { i, a in
      a.positional.first?.isTensor == false ? try builtin("any", i, a) : try i.operate("any", a)
    },
    "torch.all": { i, a in
      a.positional.first?.isTensor == false ? try builtin("all", i, a) : try i.operate("all", a)
    },
    "torch.Int": { i, a in .integer(try i.integer(of: try a.required(0, "a"))) },
    "torch.IntImplicit": { i, a in .integer(try i.integer(of: try a.required(0, "a"))) },
    "torch.Float": { i, a in .real(try i.number(of: try a.required(0, "a"))) },
    "torch.FloatImplicit": { i, a in .real(try i.number(of: try a.required(0, "a"))) },
    "torch.ScalarImplicit": { i, a in try i.known(try a.required(0, "a")) },
    "torch.item": { i, a in try i.known(try a.required(0, "a")) },
    "torch.Bool": { i, a in .boolean(try i.truth(of: try a.required(0, "a"))) },
    "numpy.prod": { i, a in
      try i.elements(of: try a.required(0, "a")).reduce(.integer(1)) { try i.binary("*", $0, $1) }
    },
  ]

  private static let binaries: [String: String] = [
    "add": "+", "sub": "-", "mul": "*", "div": "/", "floordiv": "//", "floor_divide": "//",
    "remainder": "%", "pow": "**", "__and__": "&", "__or__": "|", "__xor__": "^",
  ]
  private static let comparisons: [String: String] = [
    "eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=",
  ]
  private static let roundings: [String: @Sendable (Double) -> Double] = [
    "floor": { $0.rounded(.down) }, "ceil": { $0.rounded(.up) },
  ]
  private static let reals: [String: @Sendable (Double) -> Double] = [
    "sqrt": { $0.squareRoot() }, "exp": { Foundation.exp($0) }, "log": { Foundation.log($0) },
  ]

  private static func builtin(
    _ name: String, _ i: CodeInterpreter, _ a: CodeArguments
  ) throws -> CodeValue {
    try PythonBuiltins.all[name]?(i, a) ?? .none
  }

  private static func binary(_ name: String, _ sign: String) -> CodePrimitive {
    { i, a in
      guard a.positional.count == 2, !a.positional[0].isTensor, !a.positional[1].isTensor else {
        return try i.operate(name == "floordiv" ? "floor_divide" : name, a)
      }
      let result = try i.binary(sign, a.positional[0], a.positional[1])
      guard let mode = a.value(nil, "rounding_mode")?.text, let number = result.number else {
        return result
      }
      return .integer(try CodeArithmetic.integer(mode == "floor" ? number.rounded(.down) : number))
    }
  }

  private static func comparison(_ name: String, _ sign: String) -> CodePrimitive {
    { i, a in
      guard a.positional.count == 2, !a.positional[0].isTensor, !a.positional[1].isTensor else {
        return try i.operate(name, a)
      }
      return try i.compare(sign, a.positional[0], a.positional[1])
    }
  }

  private static func method(_ name: String) -> CodePrimitive {
    { i, a in
      guard let receiver = a.positional.first, !receiver.isTensor else {
        return try i.operate(name, a)
      }
      guard let method = PythonMethods.all[name] else { return .none }
      return try method(i, receiver, a.dropping())
    }
  }

  private static func rounding(
    _ name: String, _ function: @escaping @Sendable (Double) -> Double
  ) -> CodePrimitive {
    { i, a in
      let value = try a.required(0, "self")
      guard !value.isTensor else { return try i.operate(name, a) }
      return .integer(try CodeArithmetic.integer(function(try i.number(of: value))))
    }
  }

  private static func real(
    _ name: String, _ function: @escaping @Sendable (Double) -> Double
  ) -> CodePrimitive {
    { i, a in
      let value = try a.required(0, "self")
      guard !value.isTensor else { return try i.operate(name, a) }
      return .real(function(try i.number(of: value)))
    }
  }
}

extension CodeArguments {
  /// The arguments without the first one by place.
  func dropping() -> CodeArguments {
    CodeArguments(positional: Array(positional.dropFirst()), named: named)
  }
}
