// swift-tools-version: 6.2

import PackageDescription

/// Whether the fuzzer is built: `Tests/fuzz` says so, in a build folder of its own.
let isFuzzing = Context.environment["BASIN_FUZZER"] == "1"

/// Where another oneDNN than the system's lies (`include`, `lib`), 2 or 3; `Tests/onednn3` uses it.
let oneDNN = Context.environment["BASIN_ONEDNN"]
// Turns on the trait MPI wherever this package is built; scripts that build it several times need not name it then.
let isForRanks = Context.environment["BASIN_MPI"] == "1"

// MARK: - C libraries

let nativeLibraries: [Target] = [
  .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
  .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
  .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
  .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
  // Loaded when they are needed, so nothing links them.
  .systemLibrary(name: "CLAPACKE", providers: [.apt(["libopenblas-dev", "liblapacke-dev"])]),
  .systemLibrary(name: "CHDF5", providers: [.apt(["libhdf5-dev"])]),
  // With the trait alone.
  .systemLibrary(name: "CMPI", pkgConfig: "mpi-c", providers: [.apt(["libopenmpi-dev"])]),
]

let cTargets: [Target] = [
  // Libraries that report errors by jumping out of themselves need a frame of C to come back to.
  .target(
    name: "CImageDecoding", dependencies: ["CJPEG", "CPNG"],
    cSettings: [
      .treatAllWarnings(as: .error),
      // Valgrind, which counts instructions, reads no newer form.
      .unsafeFlags(["-gdwarf-4"] + (isFuzzing ? ["-fsanitize=address,fuzzer-no-link"] : [])),
    ]),
  // Runs before `main`; only C can say so.
  .target(
    name: "CProcessor",
    cSettings: [.treatAllWarnings(as: .error), .unsafeFlags(["-gdwarf-4"])]),
  // What of MPI Swift cannot import; nothing without the trait.
  .target(
    name: "CMessagePassing",
    dependencies: [.target(name: "CMPI", condition: .when(traits: ["MPI"]))],
    cSettings: [.treatAllWarnings(as: .error), .define("MPI_TRAIT", .when(traits: ["MPI"]))]),
]

// MARK: - Swift targets; a target may import only targets above it

let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let protocolBuffers: Target.Dependency = .product(
  name: "SwiftProtobuf", package: "swift-protobuf")

let libraries: [Target] = [
  .target(name: "Settings"),
  .target(name: "LinearAlgebra", dependencies: ["CLAPACKE"]),
  .target(name: "Krylov", dependencies: ["Communication", "LinearAlgebra"]),
  .target(name: "Communication"),
  .target(name: "ComputationGraph"),
  .target(name: "NumericKernels"),
  .target(name: "KernelsAVX2", dependencies: ["NumericKernels"]),
  // A link to the sources of KernelsAVX2, compiled for wider vectors.
  .target(
    name: "KernelsAVX512", dependencies: ["NumericKernels"],
    swiftSettings: [.define("WIDE_VECTORS")]),
  .target(
    name: "GraphRuntime",
    dependencies: [
      "COneDNN", "Communication", "LinearAlgebra", "ComputationGraph", "NumericKernels",
      "KernelsAVX2", "KernelsAVX512",
    ]),
  .target(
    name: "NeuralNetworks", dependencies: ["Settings", "LinearAlgebra", "ComputationGraph"]),
  .target(
    name: "ModelImport",
    dependencies: ["Settings", "LinearAlgebra", "ComputationGraph", "NeuralNetworks"]),
  .target(name: "FileFormats", dependencies: ["CZlib", "CCrypto"]),
  .target(name: "Artifacts", dependencies: ["Communication", "FileFormats"]),
  .target(
    name: "Checkpoints",
    dependencies: [
      "Settings", "LinearAlgebra", "ComputationGraph", "NeuralNetworks", "ModelImport",
      "FileFormats",
    ]),
  // Made by its script `generate`.
  .target(name: "ONNXMessages", dependencies: [protocolBuffers], exclude: ["generate"]),
  .target(name: "PythonSyntax"),
  // Made by its script `generate`.
  .target(
    name: "TensorBoardMessages", dependencies: [protocolBuffers],
    exclude: ["events.proto", "generate"]),
  .target(
    name: "ExperimentLogs", dependencies: [protocolBuffers, "FileFormats", "TensorBoardMessages"]),
  .target(
    name: "GraphFiles",
    dependencies: [
      "Settings", protocolBuffers, "FileFormats", "Checkpoints", "ModelImport", "ONNXMessages",
      "PythonSyntax",
    ], exclude: ["ModuleCode/Operators/generate"]),
  .target(
    name: "Datasets",
    dependencies: ["Settings", "CImageDecoding", "LinearAlgebra", "FileFormats", "Checkpoints"]),
  .target(
    name: "Objectives",
    dependencies: [
      "Settings", "Communication", "LinearAlgebra", "ComputationGraph", "GraphRuntime",
      "NeuralNetworks",
      "Datasets",
    ]),
  .target(
    name: "ModelSearch",
    dependencies: [
      "LinearAlgebra", "ComputationGraph", "NeuralNetworks", "Checkpoints", "Datasets",
      "Objectives", "Artifacts",
    ]),
  .target(
    name: "Training",
    dependencies: [
      "Settings", "Communication", "LinearAlgebra", "GraphRuntime", "NeuralNetworks",
      "FileFormats", "Artifacts",
      "Checkpoints", "Datasets", "Objectives",
    ]),
  .target(
    name: "LossSurfaces",
    dependencies: [
      "Settings", "Communication", "LinearAlgebra", "ComputationGraph", "NeuralNetworks",
      "Objectives",
      "FileFormats",
      "Artifacts",
    ]),
  .target(
    name: "HessianSpectra",
    dependencies: [
      "Settings", "Communication", "LinearAlgebra", "Krylov", "ComputationGraph", "NeuralNetworks",
      "Objectives",
      "FileFormats", "Artifacts",
    ]),
  .target(
    name: "GradientRatios",
    dependencies: [
      "LinearAlgebra", "GraphRuntime", "NeuralNetworks", "Datasets", "Objectives", "Training",
    ]),
  .target(name: "Plotting", dependencies: ["CCairo", "CPNG"]),
  .target(
    name: "Analyses",
    dependencies: [
      "Settings", "Communication", "LinearAlgebra", "Krylov", "GraphRuntime", "NeuralNetworks",
      "FileFormats", "Artifacts", "Checkpoints", "ModelImport", "GraphFiles", "Datasets",
      "Objectives", "ModelSearch", "Training", "LossSurfaces", "HessianSpectra", "GradientRatios",
    ]),
  .target(
    name: "AnalysisFigures",
    dependencies: [
      "Settings", "Analyses", "Krylov", "NeuralNetworks", "FileFormats", "Artifacts", "Objectives",
      "Training",
      "LossSurfaces", "HessianSpectra", "GradientRatios", "Plotting",
    ]),
  .target(name: "HDF5Files", dependencies: ["CHDF5", "FileFormats"]),
  .target(
    name: "SurfaceExchange",
    dependencies: [
      "Settings", "HDF5Files", "FileFormats", "Artifacts", "ComputationGraph", "Objectives",
      "LossSurfaces",
      "Analyses",
    ]),
  // Script and style of the page are built in, so that an installed program needs no other file.
  .target(
    name: "Reports",
    dependencies: [
      "Settings", "Analyses", "AnalysisFigures", "Krylov", "NeuralNetworks", "FileFormats",
      "Artifacts",
      "Objectives", "Training", "LossSurfaces", "HessianSpectra", "GradientRatios", "Plotting",
    ],
    resources: ["report.css", "common.js", "chart.js", "surface.js", "report.js"].map {
      .embedInCode("Page/\($0)")
    }),
  // What other packages import: it exports the public declarations of the targets above.
  .target(
    name: "Basin",
    dependencies: [
      "Settings", "LinearAlgebra", "Krylov", "ComputationGraph", "GraphRuntime", "NeuralNetworks",
      "FileFormats", "Artifacts", "Datasets", "Objectives", "Training", "LossSurfaces",
      "HessianSpectra", "GradientRatios", "Plotting", "Analyses", "AnalysisFigures",
    ], exclude: ["PublicAPI.txt"]),
  .target(name: "MessagePassing", dependencies: ["CMessagePassing", "Communication"]),
  .target(
    name: "CommandSupport",
    dependencies: [
      "Settings", arguments, "Communication", "MessagePassing", "CProcessor", "LinearAlgebra",
      "ComputationGraph", "NeuralNetworks", "Checkpoints", "GraphFiles",
      "ModelImport", "Datasets", "GraphRuntime", "Objectives", "ModelSearch", "Artifacts",
      "FileFormats", "Training", "Plotting", "Analyses", "AnalysisFigures", "ExperimentLogs",
    ]),
]

let commands: [Target] = [
  .executableTarget(
    name: "LandscapeCommand",
    dependencies: [
      arguments, "Communication", "CommandSupport", "Analyses", "AnalysisFigures", "FileFormats",
      "LossSurfaces", "Plotting", "Reports", "SurfaceExchange",
    ]),
  .executableTarget(
    name: "HessianCommand",
    dependencies: [
      arguments, "Communication", "CommandSupport", "Analyses", "AnalysisFigures", "HessianSpectra",
      "Krylov",
      "Objectives", "NeuralNetworks",
    ]),
  .executableTarget(
    name: "GradRatioCommand",
    dependencies: [
      arguments, "CommandSupport", "Analyses", "AnalysisFigures", "GradientRatios", "Artifacts",
      "NeuralNetworks",
    ]),
  .executableTarget(
    name: "TrainerCommand",
    dependencies: [
      arguments, "Communication", "CommandSupport", "Analyses", "AnalysisFigures", "Training",
      "Objectives", "NeuralNetworks", "Datasets", "Checkpoints", "ModelImport", "Artifacts",
      "FileFormats",
    ]),
]

// MARK: - Examples

/// The programs of the package in `Examples`, built here too, so that they are tested with everything else.
let examples: [Target] = [
  "FirstSpectrum", "SpectrumDuringTraining", "FocalLoss", "PipelineStep", "KrylovAlone",
].map {
  .executableTarget(name: $0, dependencies: ["Basin"], path: "Examples/Sources/\($0)")
}

// MARK: - Benchmarks

let benchmarks: [Target] = [
  .executableTarget(
    name: "EngineBenchmark",
    dependencies: [
      arguments, "Analyses", "CommandSupport", "Datasets", "GraphRuntime", "LinearAlgebra",
      "LossSurfaces", "NeuralNetworks", "Objectives", "Training",
    ], path: "Benchmarks/Engine")
]

// MARK: - Tests

let tests: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["LinearAlgebra", "ComputationGraph", "Krylov"],
    path: "Tests/TestSupport"),
  .target(
    name: "DigitsReference",
    dependencies: [
      "Checkpoints", "Datasets", "LinearAlgebra", "NeuralNetworks", "Objectives", "TestSupport",
    ], path: "Tests/Reference",
    exclude: [
      "risk.py", "make_digits_reference.py", "digits.json", "digits-mlp.ckpt", "digits-resnet.ckpt",
      "make_loss_reference.py", "losses.json", "diabetes.npz", "diabetes-directions.npz",
      "diabetes-mlp.pt", "license.npz", "license-directions.npz", "license-nplm.pt",
      "make_transformers_reference.py", "transformers.json", "transformers",
    ]),
  .target(
    name: "ReferenceRuntime", dependencies: ["ComputationGraph"], path: "Tests/ReferenceRuntime"),
  .testTarget(name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "TestSupport"]),
  .testTarget(name: "CommunicationTests", dependencies: ["Communication"]),
  .testTarget(
    name: "KrylovTests", dependencies: ["Communication", "Krylov", "LinearAlgebra", "TestSupport"]),
  .testTarget(
    name: "ComputationGraphTests",
    dependencies: ["ComputationGraph", "ReferenceRuntime", "TestSupport", "LinearAlgebra"]),
  .testTarget(
    name: "GraphRuntimeTests",
    dependencies: [
      "Communication", "GraphRuntime", "ComputationGraph", "NeuralNetworks", "ReferenceRuntime",
      "TestSupport",
      "LinearAlgebra",
    ]),
  .testTarget(
    name: "NumericKernelsTests",
    dependencies: [
      "NumericKernels", "KernelsAVX2", "KernelsAVX512", "GraphRuntime", "TestSupport",
    ]),
  .testTarget(
    name: "NeuralNetworksTests",
    dependencies: [
      "NeuralNetworks", "ComputationGraph", "ReferenceRuntime", "TestSupport", "LinearAlgebra",
    ]),
  .testTarget(
    name: "FileFormatsTests", dependencies: ["FileFormats", "HDF5Files", "TestSupport"],
    exclude: ["Fixtures"]),
  .testTarget(name: "ArtifactsTests", dependencies: ["Artifacts", "FileFormats", "TestSupport"]),
  .testTarget(
    name: "CheckpointsTests",
    dependencies: [
      "Checkpoints", "NeuralNetworks", "FileFormats", "TestSupport", "LinearAlgebra",
    ],
    exclude: ["Fixtures"]),
  .testTarget(name: "PythonSyntaxTests", dependencies: ["PythonSyntax"]),
  .testTarget(
    name: "ExperimentLogsTests", dependencies: ["ExperimentLogs", "FileFormats", "TestSupport"]),
  .testTarget(
    name: "GraphFilesTests",
    dependencies: [
      protocolBuffers, "GraphFiles", "ONNXMessages", "ModelImport", "Checkpoints", "FileFormats",
      "TestSupport",
    ],
    exclude: ["Fixtures"]),
  .testTarget(
    name: "DatasetsTests",
    dependencies: ["Datasets", "FileFormats", "TestSupport", "LinearAlgebra"],
    exclude: ["Fixtures"]),
  .testTarget(
    name: "ObjectivesTests",
    dependencies: [
      "Communication", "Objectives", "NeuralNetworks", "Checkpoints", "Datasets", "FileFormats",
      "GraphRuntime",
      "ComputationGraph", "ReferenceRuntime", "DigitsReference", "TestSupport", "LinearAlgebra",
      "Artifacts",
    ]),
  .testTarget(
    name: "ModelImportTests",
    dependencies: [
      protocolBuffers, "ModelImport", "GraphFiles", "ONNXMessages", "Objectives", "NeuralNetworks",
      "Checkpoints", "Datasets", "FileFormats", "GraphRuntime", "ComputationGraph",
      "ReferenceRuntime", "TestSupport", "LinearAlgebra",
    ],
    exclude: [
      "Zoo/export_zoo.py", "Zoo/code_zoo.py", "Zoo/Fixtures", "Corpora/write_corpora.py",
      "Corpora/run", "Corpora/passing",
      "RealFiles/write_real_files.py",
    ]),
  .testTarget(
    name: "ModelSearchTests",
    dependencies: [
      "ModelSearch", "Checkpoints", "Datasets", "NeuralNetworks", "Objectives", "FileFormats",
      "LinearAlgebra", "TestSupport", "Analyses", "CommandSupport", "Artifacts", arguments,
    ]),
  .testTarget(
    name: "TrainingTests",
    dependencies: [
      "Communication", "Training", "Objectives", "NeuralNetworks", "Checkpoints", "Datasets",
      "FileFormats",
      "Artifacts", "GraphRuntime", "DigitsReference", "TestSupport", "LinearAlgebra",
    ]),
  .testTarget(
    name: "GradientRatiosTests",
    dependencies: [
      "GradientRatios", "GraphRuntime", "NeuralNetworks", "Checkpoints", "Datasets",
      "TestSupport", "LinearAlgebra",
    ]),
  .testTarget(
    name: "LossSurfacesTests",
    dependencies: [
      "LossSurfaces", "Objectives", "NeuralNetworks", "Checkpoints", "Datasets", "FileFormats",
      "Artifacts", "ComputationGraph", "HDF5Files", "SurfaceExchange", "TestSupport",
      "LinearAlgebra",
    ], exclude: ["Fixtures"]),
  .testTarget(
    name: "HessianSpectraTests",
    dependencies: [
      "HessianSpectra", "LossSurfaces", "Krylov", "Objectives", "NeuralNetworks", "Checkpoints",
      "Datasets", "GraphRuntime", "ComputationGraph", "ReferenceRuntime", "DigitsReference",
      "FileFormats", "Artifacts", "TestSupport", "LinearAlgebra",
    ]),
  .testTarget(name: "PlottingTests", dependencies: ["Plotting", "TestSupport"]),
  .testTarget(
    name: "AnalysesTests",
    dependencies: [
      "Settings", "Communication", "Analyses", "AnalysisFigures", "Artifacts", "Checkpoints",
      "ComputationGraph", "Datasets",
      "DigitsReference", "FileFormats", "GradientRatios", "GraphRuntime", "HessianSpectra",
      "Krylov", "LinearAlgebra", "LossSurfaces",
      "NeuralNetworks", "Objectives", "Plotting", "Reports", "HDF5Files", "SurfaceExchange",
      "TestSupport", "Training",
    ]),
  .testTarget(
    name: "CommandSupportTests",
    dependencies: [
      "Settings", arguments, "Analyses", "CommandSupport", "Artifacts", "Checkpoints", "Datasets",
      "FileFormats", "GraphRuntime", "NeuralNetworks", "Objectives", "DigitsReference",
      "TestSupport", "LinearAlgebra", "Communication", "ModelSearch",
    ]),
  .testTarget(
    name: "EndToEndTests",
    dependencies: [
      "Settings", "TestSupport", "DigitsReference", "Checkpoints", "NeuralNetworks", "FileFormats",
      "LinearAlgebra", "LandscapeCommand", "TrainerCommand", "GradRatioCommand", "HessianCommand",
      "Analyses", "CommandSupport",
    ], exclude: ["read_events.py"]),
]

// MARK: - Fuzzing

let fuzzedReaders: [Target.Dependency] = [
  "FileFormats", "Artifacts", "Checkpoints", "PythonSyntax", "GraphFiles", "ModelImport",
  "NeuralNetworks", "ComputationGraph", "LinearAlgebra", "Datasets", "Objectives", "Training",
  "LossSurfaces", "HessianSpectra",
]

/// The readers as the fuzzer calls them: in all builds a test of inputs that it once found, and for
/// `Tests/fuzz` a library with libFuzzer, which the toolchain has without its own `main`, around it.
let fuzzing: [Target] =
  !isFuzzing
  ? [
    .testTarget(
      name: "FuzzRegressionTests", dependencies: fuzzedReaders, path: "Tests/Fuzzing",
      exclude: ["Corpus", "Dictionaries"])
  ]
  : [
    .target(
      name: "Fuzzing", dependencies: fuzzedReaders, path: "Tests/Fuzzing",
      exclude: ["Corpus", "Dictionaries", "FuzzRegressionTests.swift"]),
    .executableTarget(
      name: "Fuzzer", dependencies: ["Fuzzing"], path: "Tests/Fuzzer",
      linkerSettings: [
        .linkedLibrary("clang_rt.fuzzer_no_main-x86_64"), .linkedLibrary("stdc++"),
        .unsafeFlags([
          "-sanitize=address", "-L\(Context.environment["BASIN_FUZZER_LIBRARIES"] ?? "")",
        ]),
      ]),
  ]

let package = Package(
  name: "Basin",
  products: [
    .library(name: "Basin", targets: ["Basin"]),
    .executable(name: "landscape", targets: ["LandscapeCommand"]),
    .executable(name: "hessian", targets: ["HessianCommand"]),
    .executable(name: "gradratio", targets: ["GradRatioCommand"]),
    .executable(name: "trainer", targets: ["TrainerCommand"]),
    .executable(name: "basin-benchmark", targets: ["EngineBenchmark"]),
  ],
  traits: [
    .default(enabledTraits: isForRanks ? ["MPI"] : []),
    .trait(
      name: "MPI",
      description: "Several processes share the work, started by mpirun or srun; needs an MPI."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: nativeLibraries + cTargets + libraries + commands + examples + benchmarks + tests
    + fuzzing,
  swiftLanguageModes: [.v6]
)

// MARK: - Settings

/// Targets that hold numeric kernels or call C: raw pointers are their business.
let pointerTargets: Set = [
  "Communication", "MessagePassing", "LinearAlgebra", "NumericKernels", "KernelsAVX2",
  "KernelsAVX512", "GraphRuntime", "FileFormats", "HDF5Files", "Objectives", "Plotting",
  "ReferenceRuntime",
  "TestSupport", "Fuzzer",
]

/// Targets whose loops must be fast in debug builds too, or the tests crawl.
let kernelTargets: Set = [
  "LinearAlgebra", "NumericKernels", "KernelsAVX2", "KernelsAVX512", "GraphRuntime",
  "ReferenceRuntime", "Datasets", "Objectives", "Training",
  "GradientRatios", "ComputationGraph", "NeuralNetworks", "ModelSearch",
]

/// Targets that read files: the fuzzer follows what mutations change in them, and sees memory that is not
/// theirs.
let readingTargets: Set = [
  "FileFormats", "Artifacts", "Checkpoints", "ONNXMessages", "PythonSyntax", "GraphFiles",
  "ModelImport", "NeuralNetworks", "Datasets", "ModelSearch", "Training", "LossSurfaces",
  "HessianSpectra", "CommandSupport",
]

/// Targets of code that a generator wrote, for which the rules below are not made.
let generatedTargets: Set = ["ONNXMessages", "TensorBoardMessages"]

for target in package.targets
where target.type != .system && !cTargets.contains(where: { $0.name == target.name })
  && !generatedTargets.contains(target.name)
{
  var settings = target.swiftSettings ?? []
  settings += [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
  if !pointerTargets.contains(target.name) && target.type != .test {
    settings.append(.strictMemorySafety())
  }
  if kernelTargets.contains(target.name) {
    settings.append(.unsafeFlags(["-O"]))
    #if arch(x86_64)
      let level = target.name == "KernelsAVX512" ? "v4" : "v3"
      settings.append(.unsafeFlags(["-Xcc", "-march=x86-64-\(level)"]))
    #endif
  }
  target.swiftSettings = settings
}

for target in package.targets where target.name == "GraphRuntime" {
  guard let oneDNN else {
    target.linkerSettings = [.linkedLibrary("dnnl")]
    continue
  }
  target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags(["-I\(oneDNN)/include"])]
  // By its path: folders of other packages, where the system's oneDNN may lie, are searched before.
  target.linkerSettings = [
    .unsafeFlags(["\(oneDNN)/lib/libdnnl.so", "-Xlinker", "-rpath", "-Xlinker", "\(oneDNN)/lib"])
  ]
}

if isFuzzing {
  for target in package.targets where readingTargets.contains(target.name) {
    target.swiftSettings =
      (target.swiftSettings ?? []) + [.unsafeFlags(["-sanitize=address,fuzzer"])]
  }
}
