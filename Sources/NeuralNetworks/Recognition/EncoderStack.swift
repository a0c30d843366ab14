internal import ComputationGraph

/// Equal blocks under the same names but for a number.
struct EncoderStack {
  /// What stands before the names of each block, in order.
  let prefixes: [String]
  /// Tensors of one block, without what stands before.
  let tensors: [NamedTensor]
  /// The number of the block of each tensor of the file.
  let places: [String: Int]

  /// All of a file, those of the most tensors first.
  static func stacks(of tensors: [NamedTensor]) -> [EncoderStack] {
    // By what stands before the number: the blocks by their numbers, each with its tensors.
    var groups: [String: [Int: [(prefix: String, rest: NamedTensor)]]] = [:]
    for tensor in tensors {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      for place in parts.indices.dropLast() {
        let stem = parts[place].prefix { !($0.isASCII && $0.isNumber) }
        guard let number = Int(parts[place].dropFirst(stem.count)) else { continue }
        let prefix = parts[...place].joined(separator: ".") + "."
        let rest = parts[(place + 1)...].joined(separator: ".")
        let key = (parts[..<place] + [stem]).joined(separator: ".")
        groups[key, default: [:]][number, default: []].append(
          (prefix, NamedTensor(name: rest, shape: tensor.shape)))
      }
    }
    let stacks = groups.sorted { $0.key < $1.key }.compactMap { _, blocks -> EncoderStack? in
      let sorted = blocks.sorted { $0.key < $1.key }.map(\.value)
      let first = sorted[0].map(\.rest)
      let wanted = Dictionary(first.map { ($0.name, $0.shape) }, uniquingKeysWith: { a, _ in a })
      var places: [String: Int] = [:]
      for (number, block) in sorted.enumerated() {
        let own = Dictionary(
          block.map { ($0.rest.name, $0.rest.shape) }, uniquingKeysWith: { a, _ in a })
        guard own == wanted, Set(block.map(\.prefix)).count == 1 else { return nil }
        for tensor in block { places[tensor.prefix + tensor.rest.name] = number }
      }
      return EncoderStack(
        prefixes: sorted.map { $0[0].prefix }, tensors: first, places: places)
    }
    return stacks.enumerated().sorted {
      ($1.element.places.count, $0.offset) < ($0.element.places.count, $1.offset)
    }.map(\.element)
  }
}
