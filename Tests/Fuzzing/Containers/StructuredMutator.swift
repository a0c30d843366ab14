internal import LinearAlgebra

/// Changes inputs part by part, so that lengths and checksums of what is around a part stay right.
package struct StructuredMutator {
  /// Changes bytes that have no parts: at most as many come back.
  package typealias Mutation = (_ bytes: [UInt8], _ limit: Int) -> [UInt8]

  /// Parts in parts in parts, and no more.
  private static let maximumDepth = 6
  private let reader: FuzzedReader
  private let mutation: Mutation
  private var stream: RandomStream

  /// Begins one mutation.
  ///
  /// - Parameters:
  ///   - reader: The reader, which says what parts there may be.
  ///   - seed: Decides what is chosen.
  ///   - mutation: Changes what has no parts.
  package init(_ reader: FuzzedReader, seed: Int, mutation: @escaping Mutation) {
    self.reader = reader
    self.mutation = mutation
    stream = RandomStream(seed: 1, label: "structured mutator", index: seed)
  }

  /// A changed input.
  ///
  /// - Returns: At most `limit` bytes; nil where no change fits.
  package mutating func mutated(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    let result = changed(bytes, limit: limit, depth: 0)
    return result.count <= limit ? result : nil
  }

  /// An input with a part of another one; nil where they are not of a kind.
  package mutating func crossed(_ bytes: [UInt8], with other: [UInt8], limit: Int) -> [UInt8]? {
    guard let (container, parts) = opened(bytes, depth: 0), !parts.isEmpty,
      let others = container.parts(of: other), !others.isEmpty
    else { return nil }
    var joined = parts
    let chosen = others[stream.integer(below: others.count)]
    if let place = parts.firstIndex(where: { $0.name == chosen.name }) {
      joined[place] = chosen
    } else if stream.integer(below: 2) == 0 {
      joined[stream.integer(below: parts.count)].bytes = chosen.bytes
    } else {
      joined.insert(chosen, at: stream.integer(below: parts.count + 1))
    }
    guard let result = container.joined(joined), result.count <= limit else { return nil }
    return result
  }

  private func opened(
    _ bytes: [UInt8], depth: Int
  ) -> (container: any Container.Type, parts: [ContainerPart])? {
    guard depth < Self.maximumDepth else { return nil }
    for container in Containers.recognized + reader.containers {
      if let parts = container.parts(of: bytes), !parts.isEmpty { return (container, parts) }
    }
    return nil
  }

  private mutating func changed(_ bytes: [UInt8], limit: Int, depth: Int) -> [UInt8] {
    // An archive that only names files is no subject itself.
    let isWhole = depth == 0 && reader.isFolder ? false : stream.integer(below: 8) == 0
    guard !isWhole, let (container, parts) = opened(bytes, depth: depth) else {
      return mutation(bytes, limit)
    }
    var changed = parts
    let place = stream.integer(below: parts.count)
    let room = max(limit - bytes.count + parts[place].bytes.count, 0)
    switch stream.integer(below: 24) {
    case 0: changed.remove(at: place)
    case 1: changed.insert(parts[place], at: stream.integer(below: parts.count + 1))
    case 2: changed.swapAt(place, stream.integer(below: parts.count))
    case 3: changed[place].bytes = parts[stream.integer(below: parts.count)].bytes
    case 4: changed[place].name = parts[stream.integer(below: parts.count)].name
    case 5:
      changed[place].name = String(
        decoding: mutation(Array(parts[place].name.utf8), 200), as: UTF8.self)
    case 6:
      var copy = parts[place]
      copy.name += "2"
      changed.append(copy)
    default:
      changed[place].bytes = self.changed(parts[place].bytes, limit: room, depth: depth + 1)
    }
    return container.joined(changed) ?? mutation(bytes, limit)
  }
}
