/// What a name says about data: of an array, a file, a folder or a column.
///
/// A name is words, separated by whatever is no letter or digit, or by a capital letter behind a small one:
/// `x_train`, `train-images`, `trainLabels`, `mnist_test.csv`. `x` and `y` may also stand together with a part: `Xtrain`.
struct DataName: Hashable {
  /// What is under the name.
  enum Role: Hashable, CaseIterable {
    /// What a network takes: images, numbers.
    case input
    /// What outputs are compared with.
    case target
    /// How much samples or rows count.
    case weight

    fileprivate var words: Set<String> {
      switch self {
      case .input:
        ["x", "image", "images", "img", "imgs", "data", "input", "inputs", "feature", "features"]
      case .target: ["y", "label", "labels", "target", "targets"]
      case .weight: ["weight", "weights"]
      }
    }

    /// The role that a word names, targets before inputs: `image_labels` are labels.
    fileprivate static func named(by words: [String]) -> Role? {
      [.target, .weight, .input].first { role in words.contains(where: role.words.contains) }
        // A class among other words is one of several, not the target.
        ?? (words == ["class"] ? .target : nil)
    }
  }

  /// The part that the first such word names.
  let split: DatasetSplit?
  /// What it is, where a word says so.
  let role: Role?
  /// The words that say neither a part nor any role, in small letters.
  let others: [String]
  /// The role where nothing but a part stands beside the word for it: `class_weights` may be anything.
  let plainRole: Role?

  /// Reads a name; words of it may stand anywhere.
  init(_ name: String) {
    self.init(Self.words(name))
  }

  private init(_ words: [Substring]) {
    var split: DatasetSplit?
    var rest: [String] = []
    for word in words {
      let (part, letter) = Self.part(word)
      if let part, split == nil {
        split = part
        if let letter { rest.append(letter) }
      } else {
        rest.append(word.lowercased())
      }
    }
    self.split = split
    role = Role.named(by: rest)
    plainRole = rest.count == 1 ? role : nil
    others =
      rest == ["class"]
      ? []
      : rest.filter { word in !Role.allCases.contains { $0.words.contains(word) } }
  }

  /// Reads the name of an array, in which only the first or the last word names a part.
  ///
  /// - Returns: The part, and the name without it: `x` of `x_train`, `images` of `train_images`.
  static func array(_ name: String) -> (stem: String, split: DatasetSplit?) {
    let words = words(name)
    guard let first = words.first, let last = words.last else { return (name, nil) }
    if words.count == 1 {
      let (split, letter) = part(first)
      return letter.map { ($0, split) } ?? (name, nil)
    }
    if let split = part(last).split {
      return (part(last).letter ?? String(name[..<words[words.count - 2].endIndex]), split)
    }
    if let split = part(first).split {
      // Coursera's `train_set_x`.
      let next = words.count > 2 && words[1].lowercased() == "set" ? words[2] : words[1]
      return (part(first).letter ?? String(name[next.startIndex...]), split)
    }
    return (name, nil)
  }

  /// The part that a word names, and the letter before or behind it: `x` of `xtrain`.
  private static func part(_ word: Substring) -> (split: DatasetSplit?, letter: String?) {
    if let split = DatasetSplit(name: word) { return (split, nil) }
    let letters: Set = ["x", "y"]
    for (letter, rest) in [
      (word.prefix(1), word.dropFirst()), (word.suffix(1), word.dropLast()),
    ] where letters.contains(letter.lowercased()) {
      if let split = DatasetSplit(name: rest) { return (split, letter.lowercased()) }
    }
    return (nil, nil)
  }

  private static func words(_ name: String) -> [Substring] {
    var words: [Substring] = []
    var start: String.Index?
    var previous: Character?
    for place in name.indices {
      let character = name[place]
      let isWord = character.isLetter || character.isNumber
      let isCapital = character.isUppercase && previous?.isLowercase == true
      if let begin = start, !isWord || isCapital {
        words.append(name[begin..<place])
        start = nil
      }
      if isWord, start == nil { start = place }
      previous = character
    }
    if let start { words.append(name[start...]) }
    return words
  }
}
