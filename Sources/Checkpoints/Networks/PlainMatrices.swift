import FileFormats

/// Layers as programs in plain NumPy keep them, in PyTorch's form.
///
/// Their matrices often have a row for each input (`x W + b`), and biases are rows [1, n] or columns [n, 1].
/// Lengths of biases say which axis is that of the outputs: nothing is changed where they leave it open.
struct PlainMatrices {
  /// The tensors.
  private(set) var tensors: [StoredTensor]
  /// What was changed, in words.
  private(set) var remarks: [String] = []

  /// Changes networks of matrices and biases alone.
  init(_ source: [StoredTensor]) {
    tensors = source
    let matrices = source.indices.filter {
      source[$0].shape.count == 2 && source[$0].shape.min() ?? 0 > 1
    }
    let biases = source.indices.filter { Self.length(source[$0].shape) != nil }
    guard !matrices.isEmpty, matrices.count == biases.count,
      matrices.count + biases.count == source.count,
      source.allSatisfy({ $0.type.isFloatingPoint })
    else { return }
    let outputs = biases.compactMap { Self.length(source[$0].shape) }
    let shapes = matrices.map { source[$0].shape }
    let areRows = zip(shapes, outputs).allSatisfy { $0[0] == $1 }
    let areColumns = zip(shapes, outputs).allSatisfy { $0[1] == $1 }
    guard areRows != areColumns else { return }
    for index in biases where source[index].shape.count == 2 {
      tensors[index] = StoredTensor(
        name: source[index].name,
        array: NumericArray(source[index].floats(), shape: [source[index].shape.max() ?? 0]))
    }
    guard areColumns else { return }
    for index in matrices { tensors[index] = Self.transposed(source[index]) }
    remarks = ["matrices have a row for each input and are transposed; biases say so"]
  }

  /// Number of elements of a vector, also one that is a row or a column; nil for anything else.
  private static func length(_ shape: [Int]) -> Int? {
    switch shape.count {
    case 1: shape[0]
    case 2 where shape.contains(1): shape.max()
    default: nil
    }
  }

  private static func transposed(_ tensor: StoredTensor) -> StoredTensor {
    let (rows, columns) = (tensor.shape[0], tensor.shape[1])
    let values = tensor.floats()
    let result = unsafe [Float](unsafeUninitializedCapacity: values.count) { buffer, filled in
      for column in 0..<columns {
        for row in 0..<rows {
          unsafe buffer.initializeElement(
            at: column * rows + row, to: values[row * columns + column])
        }
      }
      filled = values.count
    }
    return StoredTensor(name: tensor.name, array: NumericArray(result, shape: [columns, rows]))
  }
}
