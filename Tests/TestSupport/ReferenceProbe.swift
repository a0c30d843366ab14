package import LinearAlgebra

/// The vector `v_i = ((7919 i) mod 1000) / 500 - 1` that references are multiplied with.
package func referenceProbe(count: Int) -> Vector<Float> {
  Vector((0..<count).map { Float(Double(($0 * 7919) % 1000) / 500 - 1) })
}
