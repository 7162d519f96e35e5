import TestSupport
import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge

/// The estimated progress of running jobs.
@Suite struct JobEstimateTests {
  private func record(
    _ runner: String, took: Int64, at start: Int64 = 1000, name: String = "build", workflow: String = "ci.yml",
    repository: String = "acme/web", _ result: JobResult = .succeeded
  ) -> JobRecord {
    var job = Job()
    (job.name, job.workflow, job.repository) = (name, workflow, repository)
    return JobRecord(
      runner: runner, scaleSet: "web", job: job, started: start, finished: start + took, result: result)
  }

  @Test func `fewer than three runs that succeeded say nothing`() {
    var durations = JobDurations([record("a", took: 60), record("b", took: 80)])
    let job = record("x", took: 0).job
    #expect(durations.usual(job) == nil)
    durations.note(record("c", took: 10, .failed))
    durations.note(record("d", took: 10, .cancelled))
    // A repeated event about a job is the same run.
    durations.note(record("b", took: 90))
    #expect(durations.usual(job) == nil)
    durations.note(record("e", took: 70))
    #expect(durations.usual(job) == UsualDuration(median: 70, p95: 90, runs: 3))
  }

  @Test func `only runs of the same repository, workflow and job count`() {
    let durations = JobDurations(
      (0..<3).map { record("a\($0)", took: 60) } + (0..<3).map { record("b\($0)", took: 100, name: "test") }
        + (0..<3).map { record("c\($0)", took: 200, workflow: "nightly.yml") }
        + (0..<3).map { record("d\($0)", took: 300, repository: "acme/api") })
    #expect(durations.usual(record("x", took: 0).job)?.median == 60)
    #expect(durations.usual(record("x", took: 0, name: "test").job)?.median == 100)
    #expect(durations.usual(record("x", took: 0, workflow: "nightly.yml").job)?.median == 200)
    #expect(durations.usual(record("x", took: 0, repository: "acme/api").job)?.median == 300)
    #expect(durations.usual(record("x", took: 0, name: "lint").job) == nil)
  }

  @Test func `a job that was slow long ago does not count any more`() {
    let old = (0..<10).map { record("old\($0)", took: 900, at: Int64($0)) }
    let new = (0..<JobDurations.most).map { record("new\($0)", took: 60, at: 10_000 + Int64($0)) }
    let usual = UsualDuration(median: 60, p95: 60, runs: JobDurations.most)
    // In any order.
    #expect(JobDurations(old + new).usual(new[0].job) == usual)
    #expect(JobDurations(new + old).usual(new[0].job) == usual)
  }

  @Test(
    arguments: [
      (0, 0, "about 3m left", "about 3m left"), (100, 3, "about 1m20s left", "about 1m20s left"),
      (175, 5, "about 10s left", "about 10s left"),
      (180, 6, "usually 3m", "longer than the median of 3m"),
      (250, 6, "usually 3m", "longer than the median of 3m"),
      (251, 6, "over p95 4m10s", "longer than usual: p95 4m10s"),
    ] as [(Int64, Int, String, String)])
  func `words and bar`(elapsed: Int64, filled: Int, words: String, sentence: String) {
    let estimate = JobEstimate(UsualDuration(median: 180, p95: 250, runs: 5), started: 1000, now: 1000 + elapsed)
    #expect(estimate.filled(of: 6) == filled)
    #expect(estimate.words == words && estimate.sentence == sentence)
    #expect(estimate.isLate == (elapsed > 250))
    #expect(estimate.remaining == max(0, 180 - elapsed))
  }

  @Test func `of a job that nobody saw start only its usual time is told`() {
    let estimate = JobEstimate(UsualDuration(median: 180, p95: 250, runs: 5), started: nil, now: 1000)
    #expect(estimate.words == "usually 3m" && estimate.remaining == nil && estimate.changesIn(cells: 6) == nil)
  }

  @Test(arguments: [(0, 0), (1, 1), (7, 9), (180, 250), (4000, 9000), (40_000, 40_001)] as [(Int64, Int64)])
  func `it says to the second when it reads otherwise`(median: Int64, p95: Int64) {
    func estimate(_ elapsed: Int64) -> JobEstimate {
      JobEstimate(UsualDuration(median: median, p95: p95, runs: 3), started: 0, now: elapsed)
    }
    func picture(_ elapsed: Int64) -> String {
      let estimate = estimate(elapsed)
      return "\(estimate.filled(of: 6)) \(estimate.words)"
    }
    var elapsed: Int64 = 0
    var changes = 0
    while let next = estimate(elapsed).changesIn(cells: 6) {
      #expect(next > 0)
      guard next > 0, changes < 10_000 else { return }
      for moment in elapsed..<elapsed + next { #expect(picture(moment) == picture(elapsed)) }
      elapsed += next
      changes += 1
    }
    // Nothing changes beyond the 95th percentile.
    #expect(elapsed == p95 + 1 && picture(elapsed) == picture(elapsed + 100_000))
  }

  @Test func `the knowledge estimates what runs from what ran`() {
    var knowledge = ClusterKnowledge(place: ClusterPlace(context: "kind-a"))
    knowledge.take(.history((0..<3).map { record("old\($0)", took: 100, at: Int64($0)) }), at: 2000)
    let runner = knowledge.durations.usual(record("x", took: 0).job)
    #expect(runner == UsualDuration(median: 100, p95: 100, runs: 3))
  }
}
