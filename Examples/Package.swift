// swift-tools-version: 6.2

import PackageDescription

// Packages elsewhere name the library by its address:
//   .package(url: "https://github.com/OWNER/basin", from: "0.1.0")
let basin: Target.Dependency = .product(name: "Basin", package: "basin")

let package = Package(
  name: "BasinExamples",
  dependencies: [.package(name: "basin", path: "..")],
  targets: [
    .executableTarget(name: "FirstSpectrum", dependencies: [basin]),
    .executableTarget(name: "SpectrumDuringTraining", dependencies: [basin]),
    .executableTarget(name: "FocalLoss", dependencies: [basin]),
    .executableTarget(name: "PipelineStep", dependencies: [basin]),
    .executableTarget(name: "KrylovAlone", dependencies: [basin]),
  ],
  swiftLanguageModes: [.v6]
)
