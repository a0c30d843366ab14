import Analyses
import Datasets
import Testing

@Suite struct NumberConditionTests {
  /// A result with a number of every form.
  private struct Example: MeasuredResult {
    static let numberGroup = "example"
    static var numberTable: [ResultNumber<Example>] {
      [
        ResultNumber(ordinal: "lambda") { _ in
          [MeasuredValue(9, .bound(1)), MeasuredValue(4, .exact)]
        },
        ResultNumber("lambda1/lambda5") { _ in MeasuredValue(2, .unknown) },
        ResultNumber(parts: "accuracy") { _ in
          [(.train, MeasuredValue(0.99, .exact)), (.test, MeasuredValue(0.8, .exact))]
        },
        ResultNumber(parts: "max-l2", keys: ["RHO", "SAMPLES"]) { _ in
          (
            .test,
            [
              ([0.5], MeasuredValue(0.1, .atLeast(slack: 0))),
              ([0.5, 128], MeasuredValue(0.3, .atLeast(slack: 0))),
              ([1], MeasuredValue(0.2, .atLeast(slack: 0))),
            ]
          )
        },
        ResultNumber("trace") { _ in nil },
      ]
    }
  }

  private func objection(_ text: String) throws -> String? {
    try NumberCondition(parsing: text, of: Example.self).objection(
      to: [("net", Example().numbers)])
  }

  @Test(arguments: [
    ("lambda1 > 50", NumberCondition.Comparison.greater, 50.0),
    ("lambda1>=-5e1", .greaterOrEqual, -50),
    (" accuracy  <  90 % ", .less, 0.9), ("test/accuracy <= .5", .lessOrEqual, 0.5),
    ("val/accuracy < 1", .less, 1), ("max-l2/0.5/128 > 0", .greater, 0),
    ("test/max-l2/0.5 > 0", .greater, 0), ("test/max-l2 > 0", .greater, 0),
    ("lambda1/lambda5 > 3", .greater, 3),
  ])
  func conditionsAreRead(
    text: String, comparison: NumberCondition.Comparison, threshold: Double
  ) throws {
    let condition = try NumberCondition(parsing: text, of: Example.self)
    #expect(condition.comparison == comparison && condition.threshold == threshold)
  }

  @Test(arguments: [
    "", "lambda1", "lambda1 = 5", "lambda1 > ", "lambda1 > nan", "lambda1 > inf", "> 5",
    "lamda1 > 5",
    "lambda > 5", "lambda0 > 5", "lambda01 > 5", "lambda1x > 5", "lambda1 > 5 > 3",
    "best/accuracy < 1",
    "train/trace > 1", "max-l2/ > 1", "max-l2/a > 1", "max-l2/1/2/3 > 1", "best/max-l2 > 1",
    "test/ > 1",
    "trace/1 > 1",
    "accuracy < 90 %%",
  ])
  func whatIsNoConditionIsAnErrorOfOneLine(text: String) {
    let error = #expect(throws: AnalysisError.self) {
      try NumberCondition(parsing: text, of: Example.self)
    }
    #expect(error?.description.contains("'") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func anUnknownNameListsTheNamesThatThereAre() {
    let error = #expect(throws: AnalysisError.self) {
      try NumberCondition(parsing: "lamda1 > 50", of: Example.self)
    }
    #expect(
      error?.description
        == "'lamda1' in 'lamda1 > 50' is no number of this result; there are lambda1 lambda2 ..., "
        + "lambda1/lambda5, [PART/]accuracy, [PART/]max-l2[/RHO][/SAMPLES], trace")
  }

  /// Every comparison against the same comparison of many numbers of the range.
  @Test(arguments: NumberCondition.Comparison.allCases)
  func anAnswerIsThatOfAllNumbersOfTheRange(comparison: NumberCondition.Comparison) throws {
    let compare: (Double, Double) -> Bool =
      switch comparison {
      case .less: (<)
      case .lessOrEqual: (<=)
      case .greater: (>)
      case .greaterOrEqual: (>=)
      }
    let kinds: [MeasuredValue.Kind] = [
      .exact, .bound(0), .bound(1), .standardError(0.5), .atLeast(slack: 0), .atMost(slack: 1),
      .unknown,
    ]
    for kind in kinds {
      let measured = MeasuredValue(3, kind)
      let (low, high) = measured.range
      // The ends are in the range, and what lies at infinity is far from every threshold.
      let numbers = [max(low, -100), 3, min(high, 100)]
      for threshold in [1.0, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5] {
        let condition = try NumberCondition(
          parsing: "trace \(comparison.rawValue) \(threshold)", of: Example.self)
        let holding = numbers.count { compare($0, threshold) }
        let expected: NumberCondition.Answer =
          holding == 0 ? .excluded : holding == numbers.count ? .holds : .open
        #expect(condition.answer(for: measured) == expected, "\(kind) \(condition)")
      }
    }
  }

  @Test func theRangeOfAnEstimateIsTwoStandardErrorsOnEachSide() {
    #expect(MeasuredValue(3, .standardError(0.5)).range == (2, 4))
    #expect(MeasuredValue(estimate: 3, standardError: nil).range == (-.infinity, .infinity))
    #expect(MeasuredValue(.nan, .exact).range == (-.infinity, .infinity))
    #expect(MeasuredValue(3, .bound(.nan)).range == (-.infinity, .infinity))
  }

  @Test func onlyWhatIsExcludedPasses() throws {
    #expect(try objection("lambda1 > 11") == nil)
    #expect(try objection("lambda1 > 7") == "lambda1 > 7 holds: lambda1 is 9 ± 1 in net")
    #expect(
      try objection("lambda1 > 9.5") == "lambda1 > 9.5 cannot be excluded: lambda1 is 9 ± 1 in net")
    #expect(try objection("lambda1/lambda5 > 100")?.contains("an unknown error") == true)
    #expect(
      try objection("lambda3 > 1") == "lambda3 > 1 cannot be excluded: the run has no lambda3")
    #expect(try objection("trace > 1") == "trace > 1 cannot be excluded: the run has no trace")
  }

  @Test func aNameWithoutPartOrKeyStandsForAll() throws {
    #expect(try objection("train/accuracy < 0.9") == nil)
    #expect(try objection("accuracy < 0.9")?.contains("test/accuracy is 0.8") == true)
    #expect(try objection("validation/accuracy < 0.9")?.contains("has no") == true)
    #expect(
      try objection("max-l2/0.5 > 0.25")?.contains("test/max-l2/0.5/128 is at least 0.3") == true)
    #expect(try objection("max-l2/1 > 0.15")?.contains("test/max-l2/1 is at least 0.2") == true)
    #expect(try objection("max-l2/0.5 < 0.05") == nil)
    #expect(try objection("test/max-l2/1 > 0.15") != nil)
  }

  /// What holds is said before what is open.
  @Test func theConditionIsOneOnEveryResult() throws {
    let condition = try NumberCondition(parsing: "lambda1 > 5", of: Example.self)
    func result(_ title: String, _ value: Double) -> (title: String, numbers: [NamedNumber]) {
      (title, [NamedNumber(NumberName("lambda1"), MeasuredValue(value, .bound(1)))])
    }
    #expect(condition.objection(to: [result("a", 1), result("b", 2)]) == nil)
    #expect(
      condition.objection(to: [result("a", 1), result("b", 5), result("c", 8)])
        == "lambda1 > 5 holds: lambda1 is 8 ± 1 in c")
  }
}
