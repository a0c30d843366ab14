package import Artifacts
package import LossSurfaces
internal import Objectives

extension LossSurface {
  /// One row a point, x running fastest: `x`, `y` for a surface, `loss`, and the metric as a share of 1.
  package func table(isLine: Bool) -> CSVTable {
    var table = CSVTable(
      columns: (isLine ? ["x"] : ["x", "y"]) + ["loss"] + (metric.map { [$0.arrayName] } ?? []))
    for index in loss.indices {
      var row = [CSVTable.cell(xs[index % xs.count])]
      if !isLine { row.append(CSVTable.cell(ys[index / xs.count])) }
      row.append(CSVTable.cell(loss[index]))
      if metric != nil { row.append(CSVTable.cell(score[index])) }
      table.append(row)
    }
    return table
  }
}
