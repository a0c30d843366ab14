import FileFormats
import Foundation

/// A checkpoint as nested dictionaries with tensors and scalars at the leaves.
indirect enum CheckpointValue {
  case dictionary([Entry])
  /// A list with something in it that may have tensors.
  case list([CheckpointValue])
  /// A short list of numbers.
  case numbers([Double])
  /// An object of a class that is unknown here, with its attributes.
  case object(String, [Entry])
  /// A whole module with the entries of its state dict.
  case module(PickledModule, [Entry])
  case tensor(NumericArray)
  /// A tensor of a kind that is not read; the text says which: "a complex tensor".
  case unreadableTensor(String)
  case number(Double)
  case text(String)
  /// Something without tensors of its own; the text says what.
  case other(String)

  struct Entry {
    let key: String
    let value: CheckpointValue
  }

  /// The tensors and metadata of a safetensors file.
  ///
  /// Tensors that are one are written once, and the metadata say under which name: `fc3.weight` is
  /// `fc2.weight`. Both are there again, the other name where its own belongs in natural order.
  init(_ file: Safetensors) {
    var entries = file.tensors.map { Entry(key: $0.name, value: .tensor($0.array)) }
    let arrays = Dictionary(file.tensors.map { ($0.name, $0.array) }) { first, _ in first }
    let metadata = file.metadata.sorted { $0.key < $1.key }
    for (alias, name) in metadata where arrays[alias] == nil {
      guard let array = arrays[name] else { continue }
      let place = entries.lastIndex {
        $0.key.compare(alias, options: .numeric) == .orderedAscending
      }
      entries.insert(
        Entry(key: alias, value: .tensor(array)), at: place.map { $0 + 1 } ?? 0)
    }
    let texts = metadata.filter { arrays[$0.key] != nil || arrays[$0.value] == nil }
    self = .dictionary(entries + texts.map { Entry(key: $0.key, value: .text($0.value)) })
  }

  /// The arrays of an npz file; those without names, `arr_0` and so on, in the order of their numbers.
  init(_ file: NPZFile) throws(FileFormatError) {
    var names = file.names
    let numbers = names.compactMap { $0.hasPrefix("arr_") ? Int($0.dropFirst(4)) : nil }
    if numbers.count == names.count {
      names = zip(numbers, names).sorted { $0.0 < $1.0 }.map(\.1)
    }
    var entries: [Entry] = []
    for name in names {
      entries.append(Entry(key: name, value: .tensor(try file.array(name))))
    }
    self = .dictionary(entries)
  }

  /// What this is, for error messages.
  var kind: String {
    switch self {
    case .dictionary: "a dictionary"
    case .list, .numbers: "a list"
    case .object(let className, _): "an object of \(quoted(className))"
    case .module(let module, _): "a module of class \(quoted(module.className))"
    case .tensor: "a tensor"
    case .unreadableTensor(let text): text
    case .number: "a number"
    case .text: "text"
    case .other(let text): text
    }
  }
}
