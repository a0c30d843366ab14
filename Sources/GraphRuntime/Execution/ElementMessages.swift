internal import Communication

/// Elements of a sum as messages between ranks.
extension OutgoingBytes {
  /// Some elements behind a place.
  init<Scalar>(to rank: Int, _ start: UnsafeMutablePointer<Scalar>, _ range: Range<Int>) {
    self.init(
      to: rank,
      UnsafeRawBufferPointer(
        UnsafeBufferPointer(start: start + range.lowerBound, count: range.count)))
  }
}

extension IncomingBytes {
  /// Room for some elements behind a place.
  init<Scalar>(from rank: Int, _ start: UnsafeMutablePointer<Scalar>, _ range: Range<Int>) {
    self.init(
      from: rank,
      UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(start: start + range.lowerBound, count: range.count)))
  }
}
