package import LinearAlgebra

/// Samples in memory: normalised images and their labels.
package struct SampleSet: Sendable {
  /// Images `[count, channels, height, width]`, row-major.
  package let images: Vector<Float>
  /// Class of each image.
  package let labels: [Int32]
  /// Floats of one image.
  package let imageCount: Int

  /// Number of samples.
  package var count: Int { labels.count }

  /// Creates a set.
  ///
  /// - Precondition: The images divide evenly between the labels, and there is at least one.
  package init(images: Vector<Float>, labels: [Int32]) {
    precondition(!labels.isEmpty && images.count % labels.count == 0, "images do not fit labels")
    self.images = images
    self.labels = labels
    imageCount = images.count / labels.count
  }

  /// The set with its last sample repeated up to a number of samples that `multiple` divides.
  ///
  /// Repeated samples get weight 0; a real image is used because zeros times a non-finite result
  /// would not be zero.
  func padded(toMultipleOf multiple: Int) -> PaddedSamples {
    PaddedSamples(self, multiple: multiple)
  }
}

/// Samples, one-hot targets and weights as the graph of a risk reads them.
struct PaddedSamples: Sendable {
  let images: Vector<Float>
  let count: Int
  let labels: [Int32]
  let imageCount: Int

  init(_ samples: SampleSet, multiple: Int) {
    let padded = (samples.count + multiple - 1) / multiple * multiple
    imageCount = samples.imageCount
    count = samples.count
    if padded == samples.count {
      images = samples.images
      labels = samples.labels
      return
    }
    let size = samples.imageCount
    images = Vector(uninitialized: padded * size) { target in
      samples.images.withUnsafeBuffer { source in
        for i in 0..<padded {
          let origin = min(i, samples.count - 1) * size
          for k in 0..<size { target.initializeElement(at: i * size + k, to: source[origin + k]) }
        }
      }
    }
    let missing = padded - samples.count
    labels = samples.labels + [Int32](repeating: samples.labels[samples.count - 1], count: missing)
  }

  /// One-hot rows `[padded, classes]`.
  func targets(classes: Int, smoothing: Double = 0) -> Vector<Float> {
    let low = Float(smoothing / Double(classes))
    return Vector(uninitialized: labels.count * classes) { target in
      target.initialize(repeating: low)
      for (row, label) in labels.enumerated() {
        target[row * classes + Int(label)] = Float(1 - smoothing) + low
      }
    }
  }

  /// Weight `1 / count` for each sample, 0 for padding.
  func weights() -> Vector<Float> {
    Vector(uninitialized: labels.count) { target in
      for i in 0..<labels.count {
        target.initializeElement(at: i, to: i < count ? Float(1 / Double(count)) : 0)
      }
    }
  }
}
