import Testing

@testable import ARC
@testable import Basics
@testable import Installations

/// The result of a change of limits, in counts and in texts.
@Suite struct ScalingTests {
  private func counts(_ minimum: Int, _ maximum: Int) throws -> RunnerCounts {
    try RunnerCounts(minimum: minimum, maximum: maximum)
  }

  @Test(arguments: [("7", 1, 7), ("2-9", 2, 9), (" 0 - 3 ", 0, 3), ("1", 1, 1)])
  func `one number is the maximum, two are both`(text: String, minimum: Int, maximum: Int) throws {
    let scaled = try Scaling(text).counts(from: counts(1, 5), of: "web")
    #expect(scaled == (try counts(minimum, maximum)))
  }

  @Test(arguments: ["", "-", "many", "1-", "-3", "1-2-3", "3.5", "99999999999999999999"])
  func `what is no count is refused with an example`(text: String) throws {
    let error = try #require(throws: EngineError.self) { try Scaling(text) }
    #expect(error.kind == .invalid)
    #expect(error.fix?.contains("MIN-MAX") == true)
  }

  @Test func `one count that is named never moves the other`() throws {
    let below = try #require(throws: EngineError.self) { try Scaling("2").counts(from: counts(3, 5), of: "web") }
    #expect(below.what.contains("below the minimum (3)"))
    #expect(below.fix?.contains("`deskrun scale web --min-runners 2 --max-runners 2`") == true)
    let above = try #require(throws: EngineError.self) {
      try Scaling(minimum: 9).counts(from: counts(3, 5), of: "web")
    }
    #expect(above.what.contains("above the maximum (5)"))
    #expect(above.fix?.contains("--min-runners 9 --max-runners 9") == true)
    #expect(throws: EngineError.self) { try Scaling("0").counts(from: counts(0, 5), of: "web") }
  }

  @Test(arguments: [
    ((1, 5), (1, 7), "max 5 → 7: 2 more runners may start"),
    ((1, 5), (1, 6), "max 5 → 6: 1 more runner may start"),
    ((1, 5), (1, 1), "max 5 → 1: at most 1 runner; running jobs finish first"),
    ((1, 5), (3, 5), "min 1 → 3: 2 more runners wait for jobs"),
    ((1, 5), (0, 5), "min 1 → 0: 1 fewer runner waits for jobs"),
    ((1, 5), (2, 9), "max 5 → 9: 4 more runners may start, min 1 → 2: 1 more runner waits for jobs"),
    ((1, 5), (1, 5), "no change"),
  ]) func `what becomes different is said`(from: (Int, Int), to: (Int, Int), words: String) throws {
    #expect(Scaling.words(from: try counts(from.0, from.1), to: try counts(to.0, to.1)) == words)
  }
}
