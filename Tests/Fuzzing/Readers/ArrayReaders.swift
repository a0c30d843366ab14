internal import FileFormats

extension FuzzedReader {
  /// Arrays of numbers in files of their own.
  static let arrays = [
    FuzzedReader(
      "npy", in: .file("input.npy"),
      seeds: [
        .fixture("FileFormatsTests/Fixtures/version2.npy"),
        .bytes { NPY.encode(NumericArray([Float](repeating: 1, count: 6), shape: [2, 3])) },
      ]
    ) { bytes, path in
      let decoded = try NPY.decode(bytes[...])
      check(decoded)
      check(try StoredArray(npy: path).loaded())
    },
    FuzzedReader(
      "npz", in: .file("input.npz"),
      seeds: Seed.fixtures("FileFormatsTests/Fixtures", ["stored.npz", "deflated.npz"])
        + Seed.fixtures("CheckpointsTests/Fixtures", ["arrays.npz", "ordered.npz"])
    ) { _, path in
      let file = try NPZFile(path: path)
      for name in file.names { (try? file.array(name)).map(check) }
      for wanted in file.names {
        for (_, array) in (try? StoredArray.arrays(npz: path, where: { $0 == wanted })) ?? [] {
          check(try array.loaded())
        }
      }
    },
    FuzzedReader(
      "hdf5",
      seeds: Seed.fixtures("FileFormatsTests/Fixtures", ["arrays.h5", "latest.h5"])
        + Seed.fixtures("LossSurfacesTests/Fixtures", ["directions.h5"])
    ) { bytes, _ in
      let file = try HDF5File(bytes)
      for name in try file.names() {
        (try? file.array(name)).map(check)
        _ = try? file.text(name)
        for inner in ((try? file.names(in: name)) ?? []).prefix(8) {
          (try? file.array("\(name)/\(inner)")).map(check)
        }
      }
    },
    FuzzedReader(
      "safetensors", in: .file("input.safetensors"),
      seeds: Seed.fixtures(
        "CheckpointsTests/Fixtures",
        ["alias.safetensors", "types.safetensors", "reparametrized-new.safetensors"]),
      words: .json
    ) { bytes, path in
      let file = try Safetensors(bytes)
      for tensor in file.tensors { check(tensor.array) }
      for (_, array) in try Safetensors.arrays(path: path) { check(try array.loaded()) }
      // What was read can be written, and is read again.
      let again = try Safetensors(try file.encoded())
      precondition(again.tensors.count == file.tensors.count && again.metadata == file.metadata)
    },
  ]

  /// Every element is there.
  static func check(_ array: NumericArray) {
    precondition(array.floats().count == array.doubles().count, "elements of \(array.shape)")
  }
}
