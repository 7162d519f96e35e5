import Testing

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

@Suite struct ClockWatchTests {
  @Test func `a clock that is set is noticed once, by how much`() {
    let start = ContinuousClock.now
    var watch = ClockWatch(wall: 1000, steady: start)
    #expect(watch.shift(wall: 1010, steady: start + .seconds(10)) == nil)
    #expect(watch.shift(wall: 1021, steady: start + .seconds(20)) == nil)
    #expect(watch.shift(wall: 1030 - 3600, steady: start + .seconds(30)) == -3600)
    #expect(watch.shift(wall: 1031 - 3600, steady: start + .seconds(31)) == nil)
    #expect(watch.shift(wall: 1040, steady: start + .seconds(40)) == 3600)
  }

  @Test func `figures count jobs that ended before the clock was set back`() {
    let record = JobRecord(
      runner: "r", scaleSet: "web", job: Job(), started: 5000, finished: 5060, result: .succeeded)
    let figures = JobFigures([record], since: 1000, now: 2000) { _ in 0 }
    #expect(figures.count == 1)
    #expect(figures.perHour == 1)
  }
}
