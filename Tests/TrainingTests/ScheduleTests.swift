import Testing
import Training

@Suite struct ScheduleTests {
  @Test func cosineFallsFromTheInitialValueToZeroAfterTheWarmUp() throws {
    let schedule = try Schedule(0.4, decay: .cosine, warmUp: 4)
    #expect(
      (0..<5).map { schedule.value(step: $0, of: 104) } == [
        0.1, 0.2, 0.30000000000000004, 0.4, 0.4,
      ])
    #expect(abs(schedule.value(step: 54, of: 104) - 0.2) < 1e-15)
    #expect(schedule.value(step: 104, of: 104) == 0)
  }

  @Test func stepsComeAtTheirSharesOfTheTraining() throws {
    let schedule = try Schedule(1, decay: .step(factor: 0.5, milestones: [0.5, 0.75]))
    let values = [0, 49, 50, 74, 75, 99].map { schedule.value(step: $0, of: 100) }
    #expect(values == [1, 1, 0.5, 0.5, 0.25, 0.25])
  }

  @Test func inverseSquareRootIsThatOfTheTheorems() throws {
    let schedule = try Schedule(2, decay: .inverseSquareRoot)
    #expect([0, 3, 99].map { schedule.value(step: $0, of: 100) } == [2, 1, 0.2])
  }

  @Test(arguments: ["constant", "cosine", "inverse-sqrt", "step=0.1@0.5,0.75"])
  func textIsReadBack(text: String) throws {
    #expect(try Schedule.Decay(parsing: text).description == text)
  }

  @Test(arguments: ["", "linear", "step=", "step=x@0.5", "step=0.1@a", "cosine=1"])
  func otherTextsAreRefused(text: String) {
    #expect(throws: TrainingError.self) { try Schedule.Decay(parsing: text) }
  }

  @Test func impossibleNumbersAreRefused() {
    #expect(throws: TrainingError.self) { try Schedule(-1) }
    #expect(throws: TrainingError.self) { try Schedule(.nan) }
    #expect(throws: TrainingError.self) { try Schedule(1, warmUp: -1) }
    #expect(throws: TrainingError.self) {
      try Schedule(1, decay: .step(factor: 0.1, milestones: [1.5]))
    }
  }
}
