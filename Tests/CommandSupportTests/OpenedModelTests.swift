import Analyses
import Objectives
import ArgumentParser
import Checkpoints
import CommandSupport
import Datasets
import DigitsReference
import FileFormats
import Foundation
import GraphRuntime
import NeuralNetworks
import TestSupport
import Testing

/// Opening a checkpoint with its data.
@Suite struct OpenedModelTests {
  private func options(_ arguments: String...) throws -> ModelOptions {
    try ModelOptions.parse(arguments)
  }

  @Test func whatATrainingWroteNeedsNoOption() throws {
    let reference = try DigitsReference(.mlp)
    let opened = try OpenedModel(
      path: reference.path, options: options("--samples", "20"), isQuiet: true)
    #expect(opened.trained.model.name == "mlp-16")
    #expect(opened.data.count == 20 && opened.dataPath == "digits")
    #expect(opened.dataDigest == (try opened.data.digest))
    #expect(opened.stem == "digits-mlp" && opened.format == "safetensors")
    #expect(opened.sha256 == (try SHA256.hexDigest(ofFile: reference.path)))
    #expect(opened.labels == .fine && opened.warnings.isEmpty)
    let samples = opened.data.samples
    #expect(samples.count == 20 && samples.inputs[0].elementCount == 64)
  }

  /// The same tensors as another program would have written them.
  @Test func othersCheckpointsNeedTheirDataAndAreRecognised() throws {
    let reference = try DigitsReference(.resnet)
    let path = try temporaryPath("foreign.safetensors")
    try CheckpointFile.write(reference.trained.storedTensors, metadata: [:], to: path)
    let missing = #expect(throws: AnalysisError.self) {
      try OpenedModel(path: path, options: self.options(), isQuiet: true)
    }
    #expect(missing?.description.contains("`data`") == true)
    let opened = try OpenedModel(
      path: path, options: options("--data", "digits", "--normalize", "dataset"), isQuiet: true)
    #expect(opened.trained.model.name == "resnet8-w8")
    let known = try OpenedModel(path: reference.path, options: options(), isQuiet: true)
    #expect(opened.data.normalization == known.data.normalization)
  }

  @Test func dataOfTheSameNameButOtherContentsAreAWarning() throws {
    let reference = try DigitsReference(.mlp)
    let (model, metadata) = try TrainedModel.readDescribed(CheckpointFile.read(reference.path))
    var other = metadata
    other.dataDigest = String(repeating: "0", count: 64)
    let path = try temporaryPath("model.ckpt")
    try model.write(to: path, metadata: other)
    let opened = try OpenedModel(path: path, options: options("--samples", "4"), isQuiet: true)
    #expect(opened.warnings.count == 1)
    #expect(opened.warnings.first?.contains("trained on other data") == true)
    let test = try OpenedModel(path: path, options: options("--split", "test"), isQuiet: true)
    #expect(test.warnings.isEmpty)
  }

  @Test func labelsThatAreNotKnownAreAnError() throws {
    let reference = try DigitsReference(.mlp)
    let (model, metadata) = try TrainedModel.readDescribed(CheckpointFile.read(reference.path))
    var other = metadata
    other.labels = "superclass"
    let path = try temporaryPath("model.ckpt")
    try model.write(to: path, metadata: other)
    let error = #expect(throws: AnalysisError.self) {
      try OpenedModel(path: path, options: self.options(), isQuiet: true)
    }
    #expect(error?.description.contains("superclass") == true)
    _ = try OpenedModel(path: path, options: options("--labels", "fine"), isQuiet: true)
  }

  @Test(arguments: [
    ["--samples", "1"], ["--split", "all"], ["--labels", "some"], ["--crop", "9", "--resize", "8"],
  ])
  func optionsOutOfRangeAreRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try ModelOptions.parse(arguments) }
  }
}
