extension HTML {
  /// A table that scrolls where the page is narrow: the first column names the rows, the others hold
  /// numbers.
  ///
  /// - Precondition: All rows are as long as `columns`.
  static func table(_ caption: String, columns: [String], rows: [[String]]) -> HTML {
    precondition(rows.allSatisfy { $0.count == columns.count }, "rows of another length")
    let head = element(
      "thead", [:], [element("tr", [:], columns.map { element("th", ["scope": "col"], $0) })])
    let body = element(
      "tbody", [:],
      rows.map { row in
        element(
          "tr", [:],
          row.enumerated().map { index, cell in
            index == 0 ? element("th", ["scope": "row"], cell) : element("td", [:], cell)
          })
      })
    // What scrolls must be reached by keyboard too.
    return element(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      [element("table", [:], [element("caption", [:], caption), head, body])])
  }

  /// A table of the same numbers of several networks, which stand side by side: its `rows` are columns.
  ///
  /// - Precondition: All rows are as long as `columns`.
  static func comparison(_ caption: String, columns: [String], rows: [[String]]) -> HTML {
    precondition(rows.allSatisfy { $0.count == columns.count }, "rows of another length")
    return table(
      caption, columns: [columns[0]] + rows.map { $0[0] },
      rows: columns.indices.dropFirst().map { index in [columns[index]] + rows.map { $0[index] } })
  }

  /// Names with texts, as two columns.
  static func properties(_ caption: String, _ rows: [(name: String, value: String)]) -> HTML {
    element(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      [
        element(
          "table", [:],
          [
            element("caption", [:], caption),
            element(
              "tbody", [:],
              rows.map { row in
                element(
                  "tr", [:],
                  [
                    element("th", ["scope": "row"], row.name),
                    element("td", ["class": "text"], row.value),
                  ])
              }),
          ])
      ])
  }

  /// What figures of a kind say, and what may not be concluded from them.
  static func reading(says: String, saysNot: String) -> HTML {
    element(
      "div", ["class": "reading"],
      [
        element("div", [:], [element("h4", [:], "What it says"), element("p", [:], says)]),
        element(
          "div", [:],
          [element("h4", [:], "What may not be concluded"), element("p", [:], saysNot)]),
      ])
  }

  /// Something to know before using the numbers.
  static func warning(_ text: String) -> HTML { element("p", ["class": "warning"], text) }
}
