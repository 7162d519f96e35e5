import Engine

/// A scale set of the demo and what its runners do at any moment.
///
/// Each of its places, as many as it may have runners, takes turns of a fixed length of its own; what happens in a turn
/// is decided by seed, place and number of the turn. So the state at any moment is found without playing through what
/// was before, and asking twice gives the same answer.
struct DemoScaleSet {
  var name: String
  var release: DemoState.Release
  var values: JSONValue
  var state: DemoState
  /// When it was uninstalled, in the demo's seconds.
  var leavingSince: Double?
  /// What it remembers of the turns its places have, where many look at it.
  var memory: Memory?

  /// The turns of places, each until it is over.
  final class Memory {
    fileprivate var turns: [Int: (runner: DemoRunner, start: Double, end: Double)] = [:]
  }

  init(name: String, release: DemoState.Release, state: DemoState, leavingSince: Double? = nil) {
    self.name = name
    self.release = release
    self.state = state
    self.leavingSince = leavingSince
    values = (try? JSONValue(parsing: release.values)) ?? [:]
    // Asked for each place at each look.
    runnerContainer = values["template"]?["spec"]?["containers"]?.arrayValue?.first { $0["name"] == "runner" }
    image = runnerContainer?["image"]?.stringValue ?? ARCCharts.defaultRunnerImage
    badImage = image.hasSuffix(":missing") || image.hasPrefix("bad/") ? image : nil
    hasNoCommand =
      name == DemoTrouble.victim && state.trouble == FindingRule.noCommand.rawValue
      || runnerContainer != nil && runnerContainer?["command"] == nil
  }

  let runnerContainer: JSONValue?
  let image: String
  let badImage: String?
  let hasNoCommand: Bool

  var minimum: Int { (values["minRunners"]?.intValue ?? 0).clamped(to: Bounds.count) }
  /// The CRD's own default is no limit; the demo stops somewhere.
  var maximum: Int { (values["maxRunners"]?.intValue ?? 20).clamped(to: Bounds.count) }
  var url: String { values["githubConfigUrl"]?.stringValue ?? "" }
  var path: String { url.split(separator: "/").dropFirst(2).joined(separator: "/") }
  var mode: String { values["containerMode"]?["type"]?.stringValue ?? "" }
  var secretName: String { values["githubConfigSecret"]?.stringValue ?? "" }
  var runnerSet: String {
    // From 0.15 on it is named like the scale set and changed in place.
    if ARCRelease(release.version)?.isInPlaceGeneration == true { return name }
    var random = DemoRandom(state.seed, name, "set", String(release.templateSince))
    return "\(name)-\(random.suffix())"
  }
  var listenerName: String {
    var random = DemoRandom(state.seed, name, "listener", String(release.installedAt))
    return "\(name)-\(random.suffix(8))-listener"
  }
  var id: Int { Int(DemoRandomID.of(name, state.seed) % 900) + 10 }

  /// Why GitHub does not register it, or nil.
  var refusal: String? {
    if name == DemoTrouble.victim {
      if state.trouble == FindingRule.credentials.rawValue { return Self.badCredentials }
      if state.trouble == FindingRule.notRegistered.rawValue {
        return
          "failed to get runner group by name: no runner group found with name \"builders\""
      }
    }
    guard let secret = state.kept["secrets/\(secretName)"] else {
      return "failed to get runner registration token: secrets \"\(secretName)\" not found"
    }
    if !secret.isGood {
      return Self.badCredentials
    }
    if url.hasSuffix(".git") || path.split(separator: "/").isEmpty {
      return "failed to parse GitHub config URL: invalid config URL \"\(url)\""
    }
    return nil
  }

  private static let badCredentials =
    "failed to get runner registration token on refresh: github api error: StatusCode 401, RequestID "
    + "\"D3M0:1\", body: {\"message\":\"Bad credentials\",\"documentation_url\":\"https://docs.github.com/rest\",\"status\":\"401\"}"

  /// When GitHub registered it.
  var registeredAt: Double {
    max(release.installedAt, state.kept["secrets/\(secretName)"]?.changedAt ?? 0, state.node?.startedAt ?? 0) + 1.5
  }
  /// When its listener was running.
  var listeningSince: Double { max(registeredAt, state.listenersSince[name] ?? 0) + 1.5 }
  /// When its first runners were made.
  private var begin: Double { max(registeredAt + 1, release.templateSince, (state.node?.startedAt ?? 0) + 2) }

  // MARK: Runners

  /// The runners there are at a moment.
  func runners(at time: Double) -> [DemoRunner] {
    guard refusal == nil else { return [] }
    let places = badImage == nil ? maximum : min(maximum, minimum + 2)
    let all = (0..<places).compactMap { runner(place: $0, at: min(time, leavingSince ?? time)) }
    return all.filter { isPresent($0, at: time) }
  }

  /// The runner of this name among those there are at a moment.
  func runner(named runner: String, at time: Double) -> DemoRunner? {
    guard runner.hasPrefix("\(name)-"), refusal == nil else { return nil }
    let places = badImage == nil ? maximum : min(maximum, minimum + 2)
    for place in 0..<places {
      guard let found = self.runner(place: place, at: min(time, leavingSince ?? time)), found.name == runner else {
        continue
      }
      return isPresent(found, at: time) ? found : nil
    }
    return nil
  }

  private func isPresent(_ runner: DemoRunner, at time: Double) -> Bool {
    if let deleted = state.deletedPods[runner.name], time >= deleted { return false }
    guard let leaving = leavingSince else { return true }
    // Those with a job finish it; the others went with the scale set.
    return runner.badImage == nil && leaving >= runner.busy && time < runner.gone
  }

  /// When the last of it is gone after it was uninstalled.
  func goneAt() -> Double? {
    guard let leavingSince else { return nil }
    guard state.releases.values.contains(where: { $0.chart.hasSuffix("controller") }), refusal == nil else {
      return nil
    }
    let last = runners(at: leavingSince).filter { state.deletedPods[$0.name] == nil }.map(\.gone).max()
    return max(leavingSince + 1.5, last ?? 0)
  }

  /// When the next thing happens to a runner of this scale set, after a moment; nil when nothing ever will.
  func nextChange(after time: Double) -> Double? {
    guard refusal == nil, leavingSince == nil else { return leavingSince == nil ? nil : time + 0.25 }
    var next: Double?
    func consider(_ moment: Double) { if moment > time { next = min(next ?? moment, moment) } }
    for moment in [registeredAt, listeningSince, begin, release.installedAt + 2] { consider(moment) }
    let places = badImage == nil ? maximum : min(maximum, minimum + 2)
    for place in 0..<places {
      guard let (runner, end) = turn(place: place, at: time) else { continue }
      for moment in [runner.created, runner.pulling, runner.creating] { consider(moment) }
      if badImage != nil {
        // It tries and backs off by turns.
        for moment in [runner.creating + 1, runner.creating + 14] { consider(moment) }
        let cycle = max(0, ((time - runner.creating) / 60).rounded(.down)) * 60 + runner.creating
        for moment in [cycle + 13, cycle + 60] { consider(moment) }
        continue
      }
      for moment in [runner.ready, runner.busy, runner.busy + 3, runner.over, runner.gone, end] { consider(moment) }
      if hasNoCommand {
        consider(runner.exited)
        consider(runner.created + 4)
      }
    }
    return next
  }

  /// What the logs of its jobs say, which all fail in this trouble; nil while they do not.
  var failingJobLine: String? {
    guard name == DemoTrouble.victim else { return nil }
    return state.trouble.flatMap(FindingRule.init(rawValue:)).flatMap(DemoTrouble.jobLine)
  }

  /// Runners without a command that ended within the seconds before a moment: Kubernetes still tells of their pods.
  func formerRunners(before time: Double, within seconds: Double) -> [DemoRunner] {
    guard hasNoCommand, refusal == nil else { return [] }
    let present = Set(runners(at: time).map(\.name))
    return (0..<maximum).flatMap { place in
      stride(from: time, to: time - seconds, by: -7).compactMap { turn(place: place, at: $0)?.runner }
    }.filter { $0.created + 4 <= time && !present.contains($0.name) }
  }

  private func runner(place: Int, at time: Double) -> DemoRunner? {
    guard let (runner, _) = turn(place: place, at: time), time >= runner.created else { return nil }
    if badImage != nil { return runner }
    if hasNoCommand { return time < runner.created + 4 ? runner : nil }
    return time < runner.gone ? runner : nil
  }

  /// What happens in the turn a place has at a moment, and when the next turn begins.
  private func turn(place: Int, at time: Double) -> (runner: DemoRunner, end: Double)? {
    if let known = memory?.turns[place], time >= known.start, time < known.end { return (known.runner, known.end) }
    guard let turn = newTurn(place: place, at: time) else { return nil }
    memory?.turns[place] = turn
    return (turn.runner, turn.end)
  }

  private func newTurn(place: Int, at time: Double) -> (runner: DemoRunner, start: Double, end: Double)? {
    var own = DemoRandom(state.seed, name, "place", String(place))
    let period = hasNoCommand ? own.between(5, 7) : badImage == nil ? own.between(90, 300) : 1e9
    let elapsed = time - begin
    guard elapsed >= 0 else { return nil }
    let turn = Int(elapsed / period)
    let start = begin + Double(turn) * period
    var random = DemoRandom(state.seed, name, String(release.templateSince), String(place), String(turn))
    let suffix = random.suffix()
    let work = random.between(0.25, 0.55) * period
    let waits = place < minimum
    let startUp = random.between(3, 6)
    let finish = 2.0
    // A place beyond the minimum is empty until a job needs it; one of the minimum waits for a job instead.
    let created = waits ? start : start + random.between(0, 0.9) * (period - work - startUp - finish - 2)
    let over = waits ? start + period - finish : created + startUp + 1 + work
    var runner = DemoRunner(
      name: "\(runnerSet)-runner-\(suffix)", scaleSet: name, random: random, created: created,
      pulling: created + 0.8, creating: created + startUp * 0.6, ready: created + startUp,
      busy: waits ? max(created + startUp + 1, over - work) : created + startUp + 1, over: over, gone: over + finish,
      assigned: 0, job: DemoJob(&random, path: path, mode: mode), end: .succeeded, badImage: badImage,
      hasNoCommand: hasNoCommand)
    // A place beyond the minimum is made for a job that waits; one of the minimum gets its job at once.
    runner.assigned = waits ? runner.busy : runner.created
    let luck = random.fraction()
    runner.end = luck < 0.08 ? .failed : luck < 0.11 ? .cancelled : .succeeded
    if failingJobLine != nil { runner.end = .failed }
    runner.random = random
    if badImage != nil {
      runner.created = start + Double(place) * 3
      runner.pulling = runner.created + 0.8
      runner.creating = runner.created + startUp * 0.6
    }
    return (runner, start, start + period)
  }
}

enum DemoRandomID {
  static func of(_ name: String, _ seed: UInt64) -> UInt64 {
    var random = DemoRandom(seed, name, "id")
    return random.next()
  }
}
