/// Some channels of image tensors in blocks of channels, as image tensors in blocks.
struct ChannelGatherKernel: Kernel {
  let division = KernelDivision.perChunk
  let source: Buffer
  let target: Buffer
  /// Place of the first pixel of each channel within a sample of the source.
  let channels: [Int]
  let block: Int
  let pixels: Int
  /// Floats of a sample of the source.
  let sourceStride: Int

  func run(_ memory: Memory, _ chunk: SampleChunk) {
    let targetStride = channels.count * pixels
    let end = pixels * block
    channels.withUnsafeBufferPointer { channels in
      for sample in chunk.start..<chunk.start + chunk.count {
        let from = UnsafePointer(memory[source]) + sample * sourceStride
        let to = memory[target] + sample * targetStride
        for first in stride(from: 0, to: channels.count, by: 4) {
          // Four channels at once: their floats lie side by side in the target.
          let (a, b) = (from + channels[first], from + channels[first + 1])
          let (c, d) = (from + channels[first + 2], from + channels[first + 3])
          let y = to + first / block * end + first % block
          var i = 0
          while i < end {
            y[i] = a[i]
            y[i &+ 1] = b[i]
            y[i &+ 2] = c[i]
            y[i &+ 3] = d[i]
            i &+= block
          }
        }
      }
    }
  }
}
