internal import FileFormats

/// CIFAR-10 and CIFAR-100 in the archives that are downloaded: `cifar-10-python.tar.gz` and the others.
enum CIFARArchive {
  /// Bytes of all files of one data set together; CIFAR-10 has 186 MB.
  private static let limit = 512 << 20

  /// Whether a file is an archive by its first bytes: gzipped, or tar.
  static func isArchive(_ start: [UInt8]) -> Bool {
    start.starts(with: [0x1F, 0x8B]) || TarArchive.isTar(start)
  }

  /// The reader of the data set in an archive, whose files are held in memory.
  ///
  /// - Throws: `DatasetError` when it is damaged or holds none.
  static func reader(
    _ path: String, _ labels: LabelChoice
  ) throws(DatasetError) -> any DatasetReader {
    let files: [(name: String, bytes: [UInt8])]
    let layouts = [CIFARLayout.cifar10, .cifar100(labels)]
    let wanted = Set(layouts.flatMap(\.archivedNames))
    do throws(FileFormatError) {
      files = try TarArchive.read(try ByteSource(file: path), limit: limit) { name in
        name.split(separator: "/").last.map { wanted.contains(String($0)) } ?? false
      }
    } catch  where error.reason == .truncated {
      throw DatasetError(.truncated, path, "\(error.format): \(error.detail); fetch the file again")
    } catch {
      throw DatasetError(
        .unrecognised, path, "\(error.format): \(error.detail); unpack it and give the folder")
    }
    let folders = Dictionary(grouping: files) { $0.name.dropLastComponent }
    for (folder, files) in folders.sorted(by: { $0.key < $1.key }) {
      let inside = path + "/" + folder
      var contents: [String: ByteSource] = [:]
      for file in files {
        contents[lastComponent(file.name)] = ByteSource(
          file.bytes[...], path: path + "/" + file.name)
      }
      let listing = FolderListing(inside, contents: contents)
      for layout in layouts {
        if let reader = CIFARBinary(listing, layout) { return reader }
        if let reader = CIFARPickle(listing, layout) { return reader }
      }
    }
    throw DatasetError(
      .unrecognised, path, "is an archive without CIFAR in it; unpack it and give the folder")
  }
}

extension CIFARLayout {
  /// The names of all files of the data set, as binary files and as pickles.
  fileprivate var archivedNames: [String] {
    let batches = trainingFiles + [testFile]
    return batches + batches.map { $0 + ".bin" } + [namesFile, "batches.meta", "meta"]
  }
}
