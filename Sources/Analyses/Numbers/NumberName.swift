package import Datasets

/// What a number of a result is called: `lambda1`, `test/accuracy`, `max-l2/0.5`.
///
/// As text `PART/NAME/KEY/...`. A name without part or keys stands for the numbers with any: `accuracy` for those
/// of all parts of the data, `max-l2` for all radii.
package struct NumberName: Hashable, Sendable, CustomStringConvertible {
  /// Part of the data.
  package var part: DatasetSplit?
  /// The name itself, which may have a number behind it.
  package var base: String
  /// What distinguishes numbers of one name, like a radius.
  package var keys: [Double]

  /// Joins the parts.
  package init(_ base: String, part: DatasetSplit? = nil, keys: [Double] = []) {
    self.part = part
    self.base = base
    self.keys = keys
  }

  /// Whether this name stands for a number of another name.
  package func stands(for other: NumberName) -> Bool {
    base == other.base && (part == nil || part == other.part)
      && other.keys.prefix(keys.count).elementsEqual(keys)
  }

  /// The text that reads back to the name.
  package var description: String {
    ([part?.rawValue, base].compactMap(\.self) + keys.map(Self.text)).joined(separator: "/")
  }

  private static func text(_ key: Double) -> String {
    Int(exactly: key).map(String.init) ?? "\(key)"
  }
}

/// A number of a result under its name.
package struct NamedNumber: Equatable, Sendable {
  /// What it is called.
  package let name: NumberName
  /// The number with its error.
  package let measured: MeasuredValue

  /// Joins the parts.
  package init(_ name: NumberName, _ measured: MeasuredValue) {
    self.name = name
    self.measured = measured
  }
}
