internal import ComputationGraph

/// The operations on a block of rows before memory is laid out.
struct RowProgram {
  /// Where a value of a block lies.
  struct Slot {
    enum Place {
      /// In a tile, whose number is decided at the end.
      case tile
      /// In memory, with the rows behind one another.
      case tensor(TensorID)
    }

    let place: Place
    /// Whether it is one number for each row.
    let isColumn: Bool
  }

  /// How a repeated operand is read: row `(r / divisor) % modulus` of it belongs to row `r`.
  struct Repetition {
    var divisor = 1
    var modulus = Int.max
    /// Floats between rows of the operand.
    let stride: Int
  }

  /// A repeated operand.
  struct Load {
    let tensor: TensorID
    let repetition: Repetition
    let slot: Int
    let isColumn: Bool
  }

  let region: RowRegions.Region
  let members: Set<Value>
  /// Memory of the values that others read.
  var outputs: [Value: TensorID] = [:]
  /// Slots of values that are there.
  var emitted: [Value: Int] = [:]
  private(set) var slots: [Slot] = []
  private(set) var loads: [Load] = []
  private(set) var instructions: [RowInstruction] = []
  private var operands: [TensorID: Int] = [:]

  init(_ region: RowRegions.Region) {
    self.region = region
    members = Set(region.members)
  }

  private mutating func slot(_ place: Slot.Place, isColumn: Bool) -> Int {
    // Rows of one element are columns and full values at once.
    slots.append(Slot(place: place, isColumn: isColumn && region.width > 1))
    return slots.count - 1
  }

  /// The slot of an operand that has every row.
  mutating func operand(_ tensor: TensorID, isColumn: Bool) -> Int {
    if let known = operands[tensor] { return known }
    let number = slot(.tensor(tensor), isColumn: isColumn)
    operands[tensor] = number
    return number
  }

  /// The slot of an operand that is repeated.
  mutating func load(
    _ tensor: TensorID, _ repetition: Repetition, isColumn: Bool
  ) -> Int {
    let number = slot(.tile, isColumn: isColumn)
    loads.append(
      Load(
        tensor: tensor, repetition: repetition, slot: number, isColumn: slots[number].isColumn))
    return number
  }

  /// Adds an operation; `value` is what it computes, which may be wanted in memory, nil for a step on
  /// the way.
  mutating func add(
    _ operation: RowInstruction.Operation, _ first: Int, _ second: Int? = nil, isColumn: Bool,
    of value: Value? = nil
  ) -> Int {
    let tensor = value.flatMap { members.contains($0) ? outputs[$0] : nil }
    let target = slot(tensor.map { .tensor($0) } ?? .tile, isColumn: isColumn)
    instructions.append(
      RowInstruction(
        operation: operation, first: first, second: second, target: target,
        isColumn: slots[target].isColumn))
    return target
  }

  /// A value with all elements of each row, where a column may stand for it.
  mutating func full(_ slot: Int) -> Int {
    slots[slot].isColumn ? add(.spread, slot, isColumn: false) : slot
  }

  /// Whether nothing tells rows apart.
  var isFlat: Bool {
    loads.isEmpty && !slots.contains(where: \.isColumn)
      && instructions.allSatisfy {
        if case .elementwise = $0.operation { true } else { false }
      }
  }

  /// What is read from memory.
  var reads: [TensorID] {
    slots.indices.compactMap { number in
      guard case .tensor(let tensor) = slots[number].place, operands[tensor] == number else {
        return nil
      }
      return tensor
    } + loads.map(\.tensor)
  }

  /// Operands that nobody reads behind the operation that writes the first output.
  var inPlace: [TensorID] {
    guard let first = region.outputs.first.flatMap({ outputs[$0] }),
      let writer = instructions.firstIndex(where: { writes($0, first) }),
      !slots[instructions[writer].target].isColumn
    else { return [] }
    let repeated = Set(loads.map(\.tensor))
    var later: Set<Int> = []
    for instruction in instructions[(writer + 1)...] {
      later.formUnion([instruction.first, instruction.second].compactMap(\.self))
    }
    // A spread writes a whole row before it reads the next number.
    if case .spread = instructions[writer].operation { later.insert(instructions[writer].first) }
    return operands.filter { tensor, slot in
      !slots[slot].isColumn && !later.contains(slot) && !repeated.contains(tensor)
    }.map(\.key).sorted { $0.index < $1.index }
  }

  private func writes(_ instruction: RowInstruction, _ tensor: TensorID) -> Bool {
    if case .tensor(tensor) = slots[instruction.target].place { true } else { false }
  }

  /// Decides the tiles by the lifetimes of what lies in them.
  ///
  /// - Returns: The tile of each slot that has one, and how many there are.
  func assignTiles() -> (tiles: [Int: Int], count: Int) {
    var tiles: [Int: Int] = [:]
    var count = 0
    for load in loads {
      tiles[load.slot] = count
      count += 1
    }
    var lastUse: [Int: Int] = [:]
    for (number, instruction) in instructions.enumerated() {
      for slot in [instruction.first, instruction.second].compactMap(\.self) {
        lastUse[slot] = number
      }
    }
    let loaded = Set(tiles.keys)
    var free: [Int] = []
    for (number, instruction) in instructions.enumerated() {
      var ending = Set([instruction.first, instruction.second].compactMap(\.self)).filter {
        lastUse[$0] == number && tiles[$0] != nil && !loaded.contains($0)
      }
      // What is read number by number may be replaced by the result.
      if let donor = ending.filter({ slots[$0].isColumn == instruction.isColumn }).min() {
        free.append(tiles[donor] ?? 0)
        ending.remove(donor)
      }
      if case .tile = slots[instruction.target].place {
        if let tile = free.popLast() {
          tiles[instruction.target] = tile
        } else {
          tiles[instruction.target] = count
          count += 1
        }
      }
      free += ending.compactMap { tiles[$0] }.sorted()
    }
    return (tiles, count)
  }

  /// The slots with their memory.
  func places(_ tiles: [Int: Int], _ place: (TensorID) -> Buffer) -> [RowSlot] {
    slots.indices.map { number in
      switch slots[number].place {
      case .tile: .tile(tiles[number] ?? 0)
      case .tensor(let tensor): .memory(place(tensor))
      }
    }
  }
}
