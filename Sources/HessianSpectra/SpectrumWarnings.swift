internal import Foundation
internal import Krylov
internal import Settings

/// Remarks that belong to the numbers of a spectrum.
enum SpectrumWarnings {
  static func texts(
    for lanczos: LanczosResult, ratio: EigenvalueRatio?, density: DensitySummary?
  ) -> [String] {
    var texts: [String] = []
    let open = lanczos.largest.indices.filter { !lanczos.largest[$0].isConverged }
    if lanczos.largest.count >= 5 {
      let fifth = lanczos.largest[4]
      if ratio == nil {
        texts.append(
          "lambda5 = \(short(fifth.value)) is not above its error \(short(fifth.residualBound)), so "
            + "lambda1/lambda5 means nothing here")
      } else if open.contains(4) || open.contains(0) {
        let index = open.contains(4) ? 4 : 0
        let value = lanczos.largest[index]
        texts.append(
          "lambda\(index + 1) = \(short(value.value)) has not converged (an eigenvalue lies within "
            + "\(short(value.residualBound)) of it), so lambda1/lambda5 may still change; raise "
            + "\(.steps)")
      }
    }
    let others = open.filter { $0 != 4 && $0 != 0 || lanczos.largest.count < 5 }
    if let first = others.first {
      let names =
        others.count == 1
        ? "lambda\(first + 1) has" : "lambda\(first + 1) and \(others.count - 1) more have"
      texts.append("\(names) not converged; raise \(.steps)")
    }
    if let smallest = lanczos.smallest.first, !smallest.isConverged {
      texts.append(
        "the smallest eigenvalue \(short(smallest.value)) has not converged (an eigenvalue lies "
          + "within \(short(smallest.residualBound)) of it); raise \(.steps)")
    }
    let top = lanczos.largest.first.map { abs($0.value) } ?? 0
    if lanczos.operatorDefect > 1e-3 * max(top, lanczos.roundingFloor) {
      texts.append(
        "the products are asymmetric by \(short(lanczos.operatorDefect)), far more than rounding; "
          + "the eigenvalues are not to be trusted")
    }
    if let density, !density.momentsAgree {
      texts.append(
        "the mean of the density, \(short(density.mean.value)), and trace / d, "
          + "\(short(density.traceOverDimension)), differ by more than 3 standard errors")
    }
    return texts
  }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
