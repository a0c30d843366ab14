internal import Checkpoints
internal import FileFormats
internal import ModelImport

/// The tensors of an exported program, in the order of its signature.
///
/// Equal views of one storage are one tensor: tied weights get the first name.
struct ExportedTensors {
  /// Descriptions; elements of what is no parameter among them.
  private(set) var tensors: [ProgramTensor] = []
  /// Tensors of the state dict.
  private(set) var stored: [StoredTensor] = []

  private let weights: StoredViews
  private let constants: StoredViews
  private let values: [String: SerializedTensorMeta]
  private var budget: TensorBudget
  /// Parameters by their views.
  private var parameters: [StridedView: Int] = [:]
  /// Views of the state dict with their tensors.
  private var views: [(view: StridedView, tensor: Int)] = []

  /// Reads from an archive; `values` says of which tensors derivatives are taken where the archive
  /// does not.
  init(
    _ archive: ExportedProgramArchive, fileSize: Int, values: [String: SerializedTensorMeta]
  ) {
    weights = archive.weights
    constants = archive.constants
    self.values = values
    budget = TensorBudget(fileSize: fileSize)
  }

  /// Adds a parameter, or a further name of one.
  ///
  /// - Throws: `FileFormatError` if the archive lacks it or its storage is damaged.
  mutating func add(parameter name: String, value: String) throws(FileFormatError) {
    guard let entry = try weights[name] else { throw missing(name) }
    let isTrained = entry.requiresGradient ?? values[value]?.requiresGradient ?? true
    if let index = parameters[entry.view] {
      if !tensors[index].names.contains(name) { tensors[index].aliases.append(name) }
      tensors[index].values.append(value)
      if isTrained { tensors[index].kind = .parameter }
      return
    }
    parameters[entry.view] = tensors.count
    let array = try readState(entry.view, name: name)
    tensors.append(
      ProgramTensor(
        name: name, values: [value], kind: isTrained ? .parameter : .frozen,
        element: ProgramElement(array.type), shape: array.shape))
  }

  /// Adds a buffer; one outside the state dict is a constant.
  ///
  /// - Throws: `FileFormatError` if the archive lacks it or its storage is damaged.
  mutating func add(
    buffer name: String, value: String, isPersistent: Bool
  ) throws(FileFormatError) {
    guard isPersistent, let entry = try weights[name] else {
      return try add(constant: name, value: value)
    }
    let array = try readState(entry.view, name: name)
    append(array, name: name, value: value, kind: .buffer)
  }

  /// Adds a constant.
  ///
  /// - Throws: `FileFormatError` if the archive lacks it or its storage is damaged.
  mutating func add(constant name: String, value: String) throws(FileFormatError) {
    let (entry, source): (StoredViews.Entry, StoredViews)
    if let found = try constants[name] {
      (entry, source) = (found, constants)
    } else if let found = try weights[name] {
      (entry, source) = (found, weights)
    } else {
      throw missing(name)
    }
    let array = try read(entry.view, from: source, name: name)
    append(array, name: name, value: value, kind: .constant)
  }

  /// Refuses parameters that share elements with other tensors of the state dict: a change of one would
  /// change the other.
  ///
  /// - Complexity: Linear in the elements of tensors that lie among those of others.
  func checkOverlaps() throws(FileFormatError) {
    for (_, group) in Dictionary(grouping: views, by: \.view.storage) where group.count > 1 {
      let ordered = group.sorted { $0.view.offset < $1.view.offset }
      let isApart = zip(ordered, ordered.dropFirst()).allSatisfy {
        $0.view.end <= $1.view.offset && $0.view.type == $1.view.type
      }
      if !isApart { try checkElements(of: group) }
    }
  }

  private func checkElements(
    of group: [(view: StridedView, tensor: Int)]
  ) throws(FileFormatError) {
    var owners: [Int: Int] = [:]
    for (view, tensor) in group {
      for position in view.bytePositions {
        guard let owner = owners.updateValue(tensor, forKey: position), owner != tensor,
          tensors[owner].kind == .parameter || tensors[tensor].kind == .parameter
        else { continue }
        throw exportedProgramError(
          .unsupported,
          "\(quoted(tensors[owner].name)) and \(quoted(tensors[tensor].name)) share memory; register "
            + "one tensor and make the other from it in forward")
      }
    }
  }

  private mutating func readState(
    _ view: StridedView, name: String
  ) throws(FileFormatError) -> NumericArray {
    let array = try read(view, from: weights, name: name)
    views.append((view, tensors.count))
    stored.append(StoredTensor(name: name, array: array))
    return array
  }

  private mutating func append(
    _ array: NumericArray, name: String, value: String, kind: ProgramTensor.Kind
  ) {
    tensors.append(
      ProgramTensor(
        name: name, values: [value], kind: kind, element: ProgramElement(array.type),
        shape: array.shape, elements: array.programElements))
  }

  private mutating func read(
    _ view: StridedView, from source: StoredViews, name: String
  ) throws(FileFormatError) -> NumericArray {
    let format = "exported program, tensor \(quoted(name))"
    try budget.spend(view.shape, view.type, format: format)
    // A tensor without elements may have no storage.
    let storage = view.shape.contains(0) ? [] : try source.storage(view.storage)
    return try view.array(in: storage, format: format)
  }

  private func missing(_ name: String) -> FileFormatError {
    exportedProgramError(.malformed, "has no tensor \(quoted(name)), which its graph uses")
  }
}

extension ProgramTensor {
  /// The name and its aliases.
  fileprivate var names: [String] { [name] + aliases }
}

extension StridedView {
  /// One behind the last element.
  ///
  /// - Precondition: The view lies within a storage.
  fileprivate var end: Int {
    guard !shape.contains(0) else { return offset }
    return offset + zip(shape, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
  }

  /// Places of the elements, in bytes.
  ///
  /// - Precondition: The view lies within a storage.
  fileprivate var bytePositions: some Sequence<Int> {
    let count = elementCount(shape) ?? 0
    return (0..<count).lazy.map { position in
      var rest = position
      var place = offset
      for axis in shape.indices.reversed() {
        place += rest % shape[axis] * strides[axis]
        rest /= shape[axis]
      }
      return place * type.size
    }
  }
}
