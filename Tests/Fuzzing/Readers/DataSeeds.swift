internal import FileFormats

/// Small files of data.
enum DataSeeds {
  /// An IDX file of bytes.
  static func idx(_ extents: [Int], _ elements: [UInt8]) -> [UInt8] {
    let header = extents.flatMap { [0, 0, 0, UInt8($0)] as [UInt8] }
    return [0, 0, 8, UInt8(extents.count)] + header + elements
  }

  /// Records of CIFAR, each with as many labels.
  static func cifar(_ count: Int, labels: Int) -> [UInt8] {
    (0..<count).flatMap { place in
      [UInt8](repeating: UInt8(place), count: labels)
        + (0..<3072).map { UInt8(truncatingIfNeeded: $0 / 7) }
    }
  }

  /// CIFAR-10 as it is downloaded.
  static func archive() -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    let name = Array("cifar-10-batches-bin/data_batch_1.bin".utf8)
    header.replaceSubrange(0..<name.count, with: name)
    header[156] = 0x30
    header.replaceSubrange(257..<265, with: Array("ustar\u{0}00".utf8))
    let parts = [ContainerPart("header", header), ContainerPart("contents", cifar(1, labels: 1))]
    return Deflate.gzip(TarContainer.joined(parts) ?? [])
  }

  /// Images of 2 x 2 pixels with 3 channels, the channels last.
  static func images(_ count: Int) -> NumericArray {
    NumericArray(
      (0..<count * 12).map { UInt8(truncatingIfNeeded: $0 * 9) }, shape: [count, 2, 2, 3])
  }

  /// Arrays of `.npz` files.
  static let npz: [[(String, NumericArray)]] = [
    [("images", images(2)), ("labels", NumericArray([0, 1] as [Int], shape: [2]))],
    [
      ("x_train", images(2)), ("y_train", NumericArray([0, 1] as [UInt8], shape: [2, 1])),
      ("x_test", images(1)), ("y_test", NumericArray([1] as [UInt8], shape: [1, 1])),
    ],
    [
      ("x", NumericArray([1, 2, 3, 4] as [Float], shape: [2, 2])),
      ("y", NumericArray([0.5, -1] as [Double], shape: [2])),
      ("weight", NumericArray([1, 0] as [Float], shape: [2])),
    ],
    [("tokens", NumericArray(Array(0..<12), shape: [3, 4]))],
  ]

  /// An `.npz` file of arrays.
  static func archive(_ arrays: [(String, NumericArray)]) throws -> [UInt8] {
    var writer = ZipWriter()
    for (name, array) in arrays { try writer.add("\(name).npy", NPY.encode(array)) }
    return try writer.finished()
  }

  /// Tables: numbers, classes by name, pixels.
  static let tables = [
    "a,b,y\n1,2.5,0\n3,-4e1,1\n", "5.1,3.5,Iris-setosa\n4.9,3.0,Iris-virginica\n",
    "id\tname\ttarget\n1\t\"x \"\"q\"\"\"\t2\n2\ty\t3\n",
    "label,pixel0,pixel1,pixel2,pixel3\n7,0,255,12,3\n1,9,8,7,6\n",
  ]
}
