/// Adds the parts that chunks of samples made, in the order of the chunks.
enum PartialSums {
  static func add(
    _ parts: UnsafePointer<Float>, parts partCount: Int, count: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    for i in 0..<count {
      var sum = Double(parts[i])
      for part in 1..<max(partCount, 1) { sum += Double(parts[part &* count &+ i]) }
      target[i] = Float(sum)
    }
  }
}
