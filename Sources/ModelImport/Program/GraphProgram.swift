/// A network as an exporter wrote it: operators of one dialect on named values, for one sample.
///
/// Readers of files make it, checkpoints carry it, and `ImportedModel` emits the nodes of a model from
/// it. It knows nothing of the values of parameters.
package struct GraphProgram: Hashable, Sendable, Codable {
  /// Whose operators the nodes name.
  package enum Dialect: Hashable, Sendable, Codable {
    /// PyTorch's, as `torch.export` writes them.
    case aten
    /// ONNX, with the version of its default operator set.
    case onnx(opset: Int)
  }

  /// Whose operators the nodes name.
  package var dialect: Dialect
  /// Data that a user feeds, in order.
  package var inputs: [ProgramInput]
  /// Parameters, buffers and constants, each kind in the order of the file; parameters in that of the
  /// model's state dict.
  package var tensors: [ProgramTensor]
  /// The operators in an order in which they can be computed.
  package var nodes: [ProgramNode]
  /// Names of the values that are handed out, in order; an empty name is a result that is no value,
  /// like a number.
  package var outputs: [String]
  /// Values that a run would store into buffers, by the names of the buffers.
  package var updates: [String: String]
  /// Shapes that the file says its values have; nil stands for an extent that is the number of samples,
  /// or a multiple of it.
  package var shapes: [String: [Int?]]

  /// Joins the parts.
  package init(
    dialect: Dialect, inputs: [ProgramInput], tensors: [ProgramTensor], nodes: [ProgramNode],
    outputs: [String], updates: [String: String] = [:], shapes: [String: [Int?]] = [:]
  ) {
    self.dialect = dialect
    self.inputs = inputs
    self.tensors = tensors
    self.nodes = nodes
    self.outputs = outputs
    self.updates = updates
    self.shapes = shapes
  }
}

/// What the numbers of a tensor of a program are.
package enum ProgramElement: String, Hashable, Sendable, Codable {
  /// Numbers of any precision.
  case real
  /// Whole numbers of any width.
  case integer
  /// True or false.
  case boolean
}

/// Data that a user feeds into a program.
package struct ProgramInput: Hashable, Sendable, Codable {
  /// Name of the value.
  package var name: String
  /// What its numbers are.
  package var element: ProgramElement
  /// Its shape, samples first; nil where an extent is the number of samples.
  package var shape: [Int?]

  /// Joins the parts.
  package init(name: String, element: ProgramElement, shape: [Int?]) {
    self.name = name
    self.element = element
    self.shape = shape
  }
}

/// A tensor that a file stores for a program.
package struct ProgramTensor: Hashable, Sendable, Codable {
  /// What a tensor is for.
  package enum Kind: String, Hashable, Sendable, Codable {
    /// Trained: derivatives are taken by it.
    case parameter
    /// A parameter that is not trained.
    case frozen
    /// Belongs to the state of the network, like a running mean or a mask.
    case buffer
    /// Part of the code.
    case constant
  }

  /// Name in the state dict, like `blocks.0.attn.qkv.weight`; the first one of a tied tensor.
  package var name: String
  /// Further names of the same tensor in the state dict.
  package var aliases: [String]
  /// Names of the values in the nodes that stand for it.
  package var values: [String]
  /// What it is for.
  package var kind: Kind
  /// What its numbers are.
  package var element: ProgramElement
  /// Its shape.
  package var shape: [Int]
  /// Its numbers in C order; nil for parameters, which a checkpoint stores.
  package var elements: [Double]?

  /// Joins the parts.
  package init(
    name: String, aliases: [String] = [], values: [String], kind: Kind, element: ProgramElement,
    shape: [Int], elements: [Double]? = nil
  ) {
    self.name = name
    self.aliases = aliases
    self.values = values
    self.kind = kind
    self.element = element
    self.shape = shape
    self.elements = elements
  }
}

/// One operator with what it is applied to.
package struct ProgramNode: Hashable, Sendable, Codable {
  /// Name in its dialect: `aten.conv2d.default` or `Conv`; other domains of ONNX stand before a dot.
  package var operation: String
  /// Operands and attributes.
  package var arguments: [ProgramArgument]
  /// Names of the results; an empty name is a result that nobody uses.
  package var outputs: [String]
  /// Path of the module that the operator belongs to, like `encoder.layers.0.attn`; empty if unknown.
  package var module: String
  /// The user's source line that called it; empty if unknown.
  package var source: String

  /// Joins the parts.
  package init(
    operation: String, arguments: [ProgramArgument], outputs: [String], module: String = "",
    source: String = ""
  ) {
    self.operation = operation
    self.arguments = arguments
    self.outputs = outputs
    self.module = module
    self.source = source
  }
}

/// An operand or attribute.
package struct ProgramArgument: Hashable, Sendable, Codable {
  /// Name in the operator's schema; nil for the operands of ONNX, which have places alone.
  package var name: String?
  /// Whether it is given by its place among the arguments rather than by name.
  package var isPositional: Bool
  /// What is given.
  package var value: ArgumentValue

  /// Joins the parts.
  package init(name: String?, isPositional: Bool, value: ArgumentValue) {
    self.name = name
    self.isPositional = isPositional
    self.value = value
  }
}

/// What is given to an operator.
package indirect enum ArgumentValue: Hashable, Sendable, Codable {
  /// Nothing.
  case none
  /// A value: a tensor, or a number that the program computes from extents.
  case value(String)
  /// A whole number.
  case integer(Int)
  /// A number.
  case real(Double)
  /// True or false.
  case boolean(Bool)
  /// A text, like the way of padding.
  case text(String)
  /// An element type by PyTorch's name, like `float32` or `int64`.
  case elementType(String)
  /// A tensor that is written out.
  case tensor(ProgramElement, shape: [Int], elements: [Double])
  /// A list.
  case list([ArgumentValue])
  /// What no rule can use, like a subgraph; says what it is.
  case unsupported(String)
}
