internal import Checkpoints
internal import FileFormats
internal import ModelImport

/// The tensors of a network that is held as code, in the order of its state dict.
///
/// Equal views of one storage are one tensor: tied weights get the first name.
struct CodeTensors {
  /// Bytes of a storage.
  typealias StorageSource = (String) throws(FileFormatError) -> ArraySlice<UInt8>

  /// Descriptions, elements of what is no parameter among them.
  private(set) var tensors: [ProgramTensor] = []
  /// Tensors of the state dict.
  private(set) var stored: [StoredTensor] = []

  private var budget: TensorBudget
  private var places: [StridedView: Int] = [:]
  private var names: Set<String> = []

  /// Begins with none.
  init(fileSize: Int) {
    budget = TensorBudget(fileSize: fileSize)
  }

  /// Adds a tensor, or a further name of one.
  ///
  /// - Parameters:
  ///   - described: Its place in a storage.
  ///   - name: Its name in the state dict.
  ///   - kind: What it is for; a parameter without derivatives is a frozen one.
  ///   - storageKey: The folder of its storage.
  ///   - storage: Finds the bytes.
  /// - Returns: The value that stands for it.
  /// - Throws: `FileFormatError` for a damaged tensor.
  mutating func add(
    _ described: PickledTensor, name: String, kind: ProgramTensor.Kind, storageKey: String,
    storage: StorageSource
  ) throws(FileFormatError) -> CodeValue {
    let view = StridedView(
      storage: "\(storageKey)/\(described.view.storage)", type: described.view.type,
      offset: described.view.offset, shape: described.view.shape, strides: described.view.strides)
    if let place = places[view], kind != .constant || tensors[place].kind == .constant {
      return use(place, name: name, kind: kind, requiresGradient: described.requiresGradient)
    }
    let format = "TorchScript, tensor \(quoted(name))"
    try budget.spend(view.shape, view.type, format: format)
    let bytes = view.shape.contains(0) ? [] : try storage(described.view.storage)
    places[view] = tensors.count
    return try add(
      try view.array(in: bytes, format: format), name: name,
      kind: kind == .parameter && !described.requiresGradient ? .frozen : kind)
  }

  /// Adds a tensor that is at hand.
  ///
  /// - Throws: `FileFormatError` for a second tensor of a name.
  mutating func add(
    _ array: NumericArray, name: String, kind: ProgramTensor.Kind
  ) throws(FileFormatError) -> CodeValue {
    guard names.insert(name).inserted else {
      throw FileFormatError(
        .malformed, format: "network", "two tensors have the name \(quoted(name))")
    }
    let hasElements = kind == .buffer || kind == .constant
    tensors.append(
      ProgramTensor(
        name: name, values: [Self.value(name)], kind: kind, element: ProgramElement(array.type),
        shape: array.shape, elements: hasElements ? array.programElements : nil))
    if kind != .constant { stored.append(StoredTensor(name: name, array: array)) }
    return .tensor(Self.value(name))
  }

  /// Gives a tensor a further name.
  mutating func addAlias(_ alias: String, of name: String) {
    guard let place = tensors.firstIndex(where: { $0.name == name }) else { return }
    tensors[place].aliases.append(alias)
  }

  /// The value that stands for a tensor, which no input of the network is called.
  private static func value(_ name: String) -> String { "@\(name)" }

  private mutating func use(
    _ place: Int, name: String, kind: ProgramTensor.Kind, requiresGradient: Bool
  ) -> CodeValue {
    let first = tensors[place].name
    if name != first, kind != .constant, !tensors[place].aliases.contains(name) {
      tensors[place].aliases.append(name)
    }
    return .tensor(Self.value(first))
  }

  /// Refuses parameters that share elements with other tensors: a change of one would change the other.
  func checkOverlaps() throws(FileFormatError) {
    var parts: [String: [(range: Range<Int>, index: Int)]] = [:]
    for (view, index) in places where !view.shape.contains(0) {
      // The view lies within its storage, which reading has checked.
      let end = view.offset + zip(view.shape, view.strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
      let range = view.offset * view.type.size..<end * view.type.size
      parts[view.storage, default: []].append((range, index))
    }
    for (_, group) in parts where group.count > 1 {
      let ordered = group.sorted {
        ($0.range.lowerBound, $0.index) < ($1.range.lowerBound, $1.index)
      }
      for (first, second) in zip(ordered, ordered.dropFirst())
      where second.range.lowerBound < first.range.upperBound {
        let (a, b) = (tensors[first.index], tensors[second.index])
        guard a.kind == .parameter || b.kind == .parameter else { continue }
        throw FileFormatError(
          .unsupported, format: "TorchScript",
          "\(quoted(a.name)) and \(quoted(b.name)) share memory; give each its own")
      }
    }
  }
}
