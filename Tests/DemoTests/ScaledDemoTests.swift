import Engine
import Foundation
import TestSupport
import Testing

@testable import Demo

/// The demo's behavior when a scale set is scaled.
@Suite struct ScaledDemoTests {
  private let wall = 1_800_000_000.0

  /// The demo after scaling nix-builder or web-ci at some time.
  private func scaled(
    _ name: String, to limits: (Int, Int), after: Double, from state: DemoState? = nil
  ) throws -> (before: DemoState, after: DemoState, now: Double) {
    var before = try state ?? start()
    let now = DemoClock(state: before, wall: wall + after).now
    let old = try #require(before.releases[name])
    var release = old
    var values = try #require(try JSONValue(parsing: old.values).objectValue)
    (values["minRunners"], values["maxRunners"]) = (.int(limits.0), .int(limits.1))
    release.values = JSONValue.object(values).encoded()
    release.changes = DemoScaleSet(name: name, release: old, state: before).changes(
      to: DemoScaleSet(name: name, release: release, state: before), at: now)
    var next = before
    next.releases[name] = release
    before.releases[name] = old
    return (before, next, now)
  }

  @Test(arguments: [1, 2, 12, 30, 300]) func `it has as many runners as it was asked for`(count: Int) throws {
    let folder = try TemporaryFolder(isCreated: false)
    _ = try DemoCluster.prepare(root: folder.path, executable: "/bin/true", options: DemoOptions(runners: count))
    let state = DemoStore(folder: folder.path + "/state").load()
    let sets = state.releases.filter { $0.value.chart == "gha-runner-scale-set" }
    let places = sets.map { DemoScaleSet(name: $0.key, release: $0.value, state: state) }.map { $0.minimum }
    #expect(places.reduce(0, +) == count)
    let now = state.anchorDemo + 30
    let runners = sets.reduce(0) { sum, entry in
      let set = DemoScaleSet(name: entry.key, release: entry.value, state: state)
      return sum + set.runners(at: now).count
    }
    // A finished runner disappears before its successor exists.
    #expect(runners >= count * 9 / 10 && runners <= count + 3)
  }

  private func start() throws -> DemoState {
    var state = try PreparedDemo.seed7.get()
    state.anchorWall = wall
    return state
  }

  private func set(_ name: String, _ state: DemoState) throws -> DemoScaleSet {
    let release = try #require(state.releases[name])
    return DemoScaleSet(name: name, release: release, state: state)
  }

  @Test(arguments: [("nix-builder", (1, 9)), ("nix-builder", (5, 9)), ("web-ci", (5, 5)), ("web-ci", (0, 12))])
  func `no runner that comes with it is older than it`(name: String, limits: (Int, Int)) throws {
    for after in stride(from: 10.0, to: 700, by: 37) {
      let (before, next, now) = try scaled(name, to: limits, after: after)
      let had = try set(name, before).runners(at: now)
      let has = try set(name, next)
      // Existing runners continue; new ones are different, and so are their jobs.
      let at = has.runners(at: now)
      #expect(Set(had.map(\.name)).isSubset(of: at.map(\.name)))
      for moment in stride(from: now, to: now + 600, by: 9) {
        for runner in has.runners(at: moment) where !had.contains(where: { $0.name == runner.name }) {
          #expect(runner.created >= now && runner.busy > now && runner.assigned >= now)
        }
      }
    }
  }

  @Test func `scaling twice, and back, brings no name again`() throws {
    let first = try scaled("nix-builder", to: (4, 9), after: 100)
    let second = try scaled("nix-builder", to: (1, 3), after: 200, from: first.after)
    let third = try scaled("nix-builder", to: (4, 9), after: 300, from: second.after)
    var spans: [String: (from: Double, to: Double)] = [:]
    for (state, times) in [
      (first.before, 0.0..<100), (first.after, 100..<200), (second.after, 200..<300), (third.after, 300..<900),
    ] {
      let set = try set("nix-builder", state)
      for moment in stride(from: times.lowerBound, to: times.upperBound, by: 3) {
        let now = DemoClock(state: state, wall: wall + moment).now
        let runners = set.runners(at: now)
        #expect(runners.count <= set.maximum && Set(runners.map(\.name)).count == runners.count)
        for runner in runners {
          if let known = spans[runner.name] { #expect(known == (runner.created, runner.gone), "\(runner.name)") }
          spans[runner.name] = (runner.created, runner.gone)
        }
      }
    }
    #expect(spans.count > 10)
  }

  @Test func `every group of a job's log has lines`() throws {
    let state = try start()
    let world = DemoWorld(state: state, wall: wall + 400)
    var groups = 0
    for set in world.scaleSets where set.badImage == nil {
      for runner in set.runners(at: world.now) {
        let lines = world.runnerLog(runner).map(\.text)
        #expect(world.runnerLog(runner).map(\.time) == world.runnerLog(runner).map(\.time).sorted())
        for (at, line) in lines.enumerated() where line.hasPrefix("##[group]") {
          groups += 1
          #expect(at + 1 < lines.count && !lines[at + 1].hasPrefix("##[group]"), "\(line)")
        }
      }
    }
    #expect(groups > 10)
  }
}
