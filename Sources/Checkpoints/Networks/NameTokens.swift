/// The words of a name: `netG_ema` is `net`, `g`, `ema`.
func words(in name: some StringProtocol) -> [String] {
  var words: [String] = []
  var word = ""
  var wasLower = false
  func close() {
    if !word.isEmpty { words.append(word) }
    word = ""
  }
  for character in name.unicodeScalars.prefix(256) {
    let isUpper = ("A"..."Z").contains(character)
    let isWord = isUpper || ("a"..."z").contains(character) || ("0"..."9").contains(character)
    if !isWord || (isUpper && wasLower) { close() }
    if isWord { word.unicodeScalars.append(character) }
    wasLower = isWord && !isUpper
  }
  close()
  return words.map { $0.lowercased() }
}

/// What the name of a state dict or of a part of a network says about its role.
enum NetworkRole {
  /// Names under which training programs keep the weights, likeliest first.
  static let usualNames = [
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "module",
    "weights", "params", "parameters", "net_state_dict", "state", "model_weights", "student",
  ]

  /// Words of copies that follow a network in its training.
  private static let followers: Set<String> = [
    "ema", "swa", "averaged", "average", "avg", "shadow", "teacher", "polyak", "momentum", "slow",
    "target",
  ]

  /// Words of networks that are trained against or with each other.
  private static let partners: Set<String> = [
    "student", "teacher", "generator", "discriminator", "critic", "netg", "netd",
  ]

  /// Whether a name is that of a copy which follows the network, like an average of its weights.
  static func isFollower(_ name: some StringProtocol) -> Bool {
    words(in: name).contains(where: followers.contains)
  }

  /// Whether a name is that of one of several networks, whatever their shapes.
  static func isPartner(_ name: some StringProtocol) -> Bool {
    words(in: name).contains(where: partners.contains)
      || ["netg", "netd"].contains(name.lowercased())
  }

  /// The usual one among names; nil where none is.
  static func usual(among names: [String]) -> String? {
    if names.count == 1 { return names[0] }
    if let name = usualNames.first(where: names.contains) { return name }
    let others = names.filter { !isFollower($0) }
    return others.count == 1 ? others[0] : nil
  }
}
