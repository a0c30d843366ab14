import Foundation
import LinearAlgebra
import LossSurfaces
import NeuralNetworks
import Objectives
import TestSupport
import Testing

@Suite struct ProfileTests {
  private let xs = [-1.0, -0.5, 0, 0.5, 1]

  // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.9, 1])
  @Test(arguments: [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)])
  func quantilesAreThoseOfNumPy(share: Double, expected: Double) {
    #expect(abs(Quantile([4, 1, 8, 2]).value(share) - expected) < 1e-15)
  }

  @Test func whatIsNotFiniteIsLargerThanAllOthers() {
    let quantile = Quantile([.nan, 1, 2, 3])
    #expect(quantile.value(1) == .infinity && quantile.value(0) == 1)
    #expect(quantile.value(0.5) == 2.5 && quantile.value(0.9) == .infinity)
    #expect(quantile.value(2.0 / 3) == 3)
  }

  @Test func theWidthIsWhereTheInterpolatedLossCrossesTheLevel() throws {
    // Left: 2 -> 1 between -0.5 and the weights, so 1.5 at -0.25. Right: 1.2 at 0.5, 2.2 at 1.
    let width = try #require(
      ProfileWidth(xs: xs, loss: [9, 2, 1, 1.2, 2.2], center: 1, rise: 0.5))
    #expect(width.left == .init(value: 0.25, isReached: true))
    let right = try #require(width.right)
    #expect(abs(right.value - (0.5 + 0.5 * 0.3)) < 1e-15 && right.isReached)
    #expect(width.mean.value == (0.25 + right.value) / 2 && width.mean.isReached)
  }

  @Test func theFirstCrossingCounts() throws {
    let width = try #require(
      ProfileWidth(xs: [0, 1, 2, 3], loss: [0, 2, 0, 2], center: 0, rise: 1))
    #expect(width.right?.value == 0.5 && width.left == nil && width.mean.value == 0.5)
  }

  @Test func aSideThatEndsBelowTheLevelIsABound() throws {
    let width = try #require(
      ProfileWidth(xs: xs, loss: [1.4, 1.2, 1, 1.5, 3], center: 1, rise: 0.5))
    #expect(width.left == .init(value: 1, isReached: false))
    #expect(width.right == .init(value: 0.5, isReached: true))
    #expect(width.mean == .init(value: 0.75, isReached: false))
    // Nothing is made up between a finite and an infinite loss.
    let cut = try #require(
      ProfileWidth(xs: xs, loss: [.infinity, 1.2, 1, .nan, 3], center: 1, rise: 0.5))
    #expect(cut.left == .init(value: 0.5, isReached: false))
    #expect(cut.right == .init(value: 0, isReached: false))
    #expect(ProfileWidth(xs: [0], loss: [1], center: 1, rise: 1) == nil)
  }

  @Test func directionsOfPairsAreIndependentAndTheFirstIsThatOfASurface() throws {
    let model = try Model(
      Architecture.named(
        "resnet8-w8", input: .init(channels: 1, height: 8, width: 8), classCount: 10))
    let weights = model.initialPoint(seed: 1).weights
    let all = RandomDirection.all(pairs: 3, seed: 7).map {
      $0.axis(for: weights, normalization: .filter, vectors: .biasbn)
    }
    let pair = DirectionPair(seed: 7, weights: weights, normalization: .filter, vectors: .biasbn)
    #expect(all.count == 6 && all[0] == pair.axes[0] && all[1] == pair.axes[1])
    // Of independent directions in d dimensions the cosine is of the order 1 / sqrt(d), with the
    // few large filters counting most: 0.15 is five times that for d = 1000.
    for i in all.indices {
      for j in 0..<i {
        #expect(abs(all[i].dot(all[j])) < 0.15 * all[i].norm * all[j].norm, "\(i) \(j)")
      }
    }
  }

  @Test func profilesInAFileAreTheSame() throws {
    let profiles = LossProfiles(
      xs: [-1, 1], loss: [[1, .nan], [3, 4], [2, 2.5]], metric: .accuracy,
      score: [[0.5, 0.25], [0, 1], [1, 0.5]])
    #expect(profiles.nonFiniteCount == 1 && profiles.score[0][1].isNaN)
    #expect(profiles.lossQuantile(0.5) == [2, 4] && profiles.scoreQuantile(0.5) == [0.5, 0.75])
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "profiles.npz").path
      try profiles.write(to: path)
      let read = try LossProfiles(path: path)
      #expect(read.loss.map { $0.map(\.bitPattern) } == profiles.loss.map { $0.map(\.bitPattern) })
      #expect(read.xs == profiles.xs && read.metric == .accuracy)
      #expect(throws: SurfaceError.self) { try LossSurface(path: path) }
    }
  }
}
