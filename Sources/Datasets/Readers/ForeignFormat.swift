/// Files that people have and that are not read here, told by their first bytes or their name.
enum ForeignFormat {
  /// What a file is and what to do with it.
  ///
  /// - Parameters:
  ///   - start: The first bytes, 512 of them where there are as many.
  ///   - name: Name of the file.
  /// - Returns: The end of an error message; nil for what is not known either.
  static func advice(_ start: [UInt8], name: String) -> String? {
    let found = signatures.first { start.starts(with: $0.bytes) }?.advice
    if let found { return found }
    let lower = name.lowercased()
    return endings.first { lower.hasSuffix($0.ending) }?.advice
  }

  private static let save =
    "save images and labels with numpy.savez(\"data.npz\", x=images, y=labels)"

  private static let signatures: [(bytes: [UInt8], advice: String)] = [
    (
      Array("PAR1".utf8),
      "is a Parquet file, which is not read; load it with datasets or pandas and \(save)"
    ),
    (
      [0x89] + Array("HDF\r\n".utf8) + [0x1A],
      "is an HDF5 file, which is not read; load it with h5py and \(save)"
    ),
    (
      Array("ARROW1".utf8), "is an Arrow file, which is not read; load it with datasets and \(save)"
    ),
    (
      Array("MATLAB 5.0".utf8),
      "is a MATLAB file, which is not read; load it with scipy.io.loadmat and \(save)"
    ),
    (Array("SQLite".utf8), "is an SQLite data base, which is not read; \(save)"),
    (
      Array("version https://git-lfs".utf8),
      "is a Git LFS pointer and not the data; fetch them with git lfs pull"
    ),
    (Array("<!DOCTYPE".utf8), "is a web page and not the data; download the file itself"),
    (Array("<!doctype".utf8), "is a web page and not the data; download the file itself"),
    (Array("<html".utf8), "is a web page and not the data; download the file itself"),
    ([0xFF, 0xD8, 0xFF], "is a single image; give the folder that holds a folder for each class"),
    (
      [0x89, 0x50, 0x4E, 0x47],
      "is a single image; give the folder that holds a folder for each class"
    ),
    ([0x28, 0xB5, 0x2F, 0xFD], "is compressed with zstd; unpack it first"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "is compressed with xz; unpack it first"),
    (Array("BZh".utf8), "is compressed with bzip2; unpack it first"),
    ([0x37, 0x7A, 0xBC, 0xAF], "is a 7-Zip archive; unpack it first"),
    (Array("Rar!".utf8), "is a RAR archive; unpack it first"),
  ]

  private static let endings: [(ending: String, advice: String)] = [
    (".tfrecord", "is a TensorFlow record file, which is not read; \(save)"),
    (".mdb", "is an LMDB data base, which is not read; \(save)"),
    (".json", "is a JSON file, which is not read as data; \(save)"),
  ]
}
