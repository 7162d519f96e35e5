import Engine

/// A scale set of the demo and the state of its runners at any moment.
///
/// It has as many places as it may have runners. Each place has turns of a fixed length that differs between places.
/// Seed, place and turn number determine what happens in a turn, so the state at any moment is computed without
/// replaying earlier turns, and is always the same. Not thread-safe.
final class DemoScaleSet {
  let name: String
  let release: DemoState.Release
  let values: JSONValue
  let state: DemoState
  /// When it was uninstalled, in demo seconds.
  let leavingSince: Double?
  /// The turns most recently computed for its places.
  private var turns: [DemoTurn?] = []

  init(name: String, release: DemoState.Release, state: DemoState, leavingSince: Double? = nil) {
    self.name = name
    self.release = release
    self.state = state
    self.leavingSince = leavingSince
    values = (try? JSONValue(parsing: release.values)) ?? [:]
    // Read for each place every time.
    runnerContainer = values["template"]?["spec"]?["containers"]?.arrayValue?.first { $0["name"] == "runner" }
    image = runnerContainer?["image"]?.stringValue ?? ARCCharts.defaultRunnerImage
    badImage = image.hasSuffix(":missing") || image.hasPrefix("bad/") ? image : nil
    hasNoCommand =
      name == DemoTrouble.victim && state.trouble == FindingRule.noCommand.rawValue
      || runnerContainer != nil && runnerContainer?["command"] == nil
  }

  /// The namespace of the scale set and its runners.
  var namespace: String { release.namespace ?? ClusterTarget.namespace }
  let runnerContainer: JSONValue?
  let image: String
  let badImage: String?
  let hasNoCommand: Bool

  private(set) lazy var minimum = (values["minRunners"]?.intValue ?? 0).clamped(to: Bounds.count)
  /// The CRD's default is no limit; the demo has one.
  private(set) lazy var maximum = (values["maxRunners"]?.intValue ?? 20).clamped(to: Bounds.count)
  private(set) lazy var url = values["githubConfigUrl"]?.stringValue ?? ""
  private(set) lazy var path = url.split(separator: "/").dropFirst(2).joined(separator: "/")
  private(set) lazy var mode = values["containerMode"]?["type"]?.stringValue ?? ""
  private(set) lazy var secretName = values["githubConfigSecret"]?.stringValue ?? ""
  private(set) lazy var runnerSet: String = {
    // Since 0.15 it has the scale set's name and is updated in place.
    if ARCRelease(release.version)?.isInPlaceGeneration == true { return name }
    var random = DemoRandom(state.seed, name, "set", String(release.templateSince))
    return "\(name)-\(random.suffix())"
  }()
  private(set) lazy var listenerName: String = {
    var random = DemoRandom(state.seed, name, "listener", String(release.installedAt))
    return "\(name)-\(random.suffix(8))-listener"
  }()
  private(set) lazy var id = Int(DemoRandomID.of(name, state.seed) % 900) + 10

  /// The reason why GitHub does not register it, or nil.
  private(set) lazy var refusal: String? = {
    if name == DemoTrouble.victim {
      if state.trouble == FindingRule.credentials.rawValue { return Self.badCredentials }
      if state.trouble == FindingRule.notRegistered.rawValue {
        return
          "failed to get runner group by name: no runner group found with name \"builders\""
      }
    }
    // Secrets deployed by others are not part of the demo.
    if release.namespace != nil { return nil }
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
  }()

  private static let badCredentials =
    "failed to get runner registration token on refresh: github api error: StatusCode 401, RequestID "
    + "\"D3M0:1\", body: {\"message\":\"Bad credentials\",\"documentation_url\":\"https://docs.github.com/rest\",\"status\":\"401\"}"

  /// When GitHub registered it.
  private(set) lazy var registeredAt =
    max(release.installedAt, state.kept["secrets/\(secretName)"]?.changedAt ?? 0, state.node?.startedAt ?? 0) + 1.5
  /// When its listener started.
  private(set) lazy var listeningSince = max(registeredAt, state.listenersSince[name] ?? 0) + 1.5
  /// When its first runners were created.
  private(set) lazy var begin = max(registeredAt + 1, release.templateSince, (state.node?.startedAt ?? 0) + 2)

  // MARK: Runners

  private var places: Int { badImage == nil ? maximum : min(maximum, minimum + 2) }

  /// The runners at a moment.
  func runners(at time: Double) -> [DemoRunner] {
    guard refusal == nil else { return [] }
    return (0..<places).compactMap { present(place: $0, at: time)?.runner }
  }

  /// The runner of a place at a moment.
  func runner(place: Int, at time: Double) -> DemoRunner? { present(place: place, at: time)?.runner }

  /// The deleted runners of a number of places at a moment, oldest first within each place.
  func former(before end: Double, places count: Int) -> [DemoRunner] {
    guard isRegular, refusal == nil else { return [] }
    return (0..<min(places, count)).flatMap { place -> [DemoRunner] in
      var runners: [DemoRunner] = []
      var time = begin
      while let turn = newTurn(place: place, at: time), turn.runner.gone <= end {
        runners.append(turn.runner)
        // Slightly past the end, which rounding may still assign to this turn.
        time = turn.end + 0.001
      }
      return runners
    }
  }

  /// The runner with a name, if it exists at a moment.
  func runner(named wanted: String, at time: Double) -> DemoRunner? {
    guard wanted.hasPrefix("\(name)-"), refusal == nil else { return nil }
    return (0..<places).lazy.compactMap { self.present(place: $0, at: time) }.first { $0.runner.name == wanted }?.runner
  }

  /// The number of runners at a moment, and how many of them are ready.
  func counts(at time: Double) -> (runners: Int, ready: Int) {
    guard refusal == nil else { return (0, 0) }
    var (runners, ready) = (0, 0)
    for place in 0..<places {
      guard let turn = present(place: place, at: time) else { continue }
      runners += 1
      if badImage == nil, time >= turn.runner.ready { ready += 1 }
    }
    return (runners, ready)
  }

  /// The turn of a place whose runner exists at a moment.
  private func present(place: Int, at time: Double) -> DemoTurn? {
    let moment = min(time, leavingSince ?? time)
    guard let turn = turn(place: place, at: moment), turn.hasRunner(at: moment) else { return nil }
    if let deleted = state.deletedPods[turn.runner.name], time >= deleted { return nil }
    guard let leavingSince else { return turn }
    // Runners with a job finish it; the others were deleted with the scale set.
    let stays = turn.runner.badImage == nil && leavingSince >= turn.runner.busy && time < turn.runner.gone
    return stays ? turn : nil
  }

  /// When its last object is deleted after it was uninstalled.
  func goneAt() -> Double? {
    guard let leavingSince else { return nil }
    guard state.releases.values.contains(where: { $0.chart.hasSuffix("controller") }), refusal == nil else {
      return nil
    }
    let last = runners(at: leavingSince).filter { state.deletedPods[$0.name] == nil }.map(\.gone).max()
    return max(leavingSince + 1.5, last ?? 0)
  }

  // MARK: Changes

  /// Whether changes of its runners occur only at the times in their turns.
  var isRegular: Bool { leavingSince == nil && badImage == nil && !hasNoCommand }

  /// The time of the next change of this scale set or its runners; nil if there is none.
  func nextChange(after time: Double) -> Double? {
    guard leavingSince == nil else { return time + 0.25 }
    var next = ownMoments.filter { $0 > time }.min() ?? .infinity
    if refusal == nil {
      for place in 0..<places { next = min(next, turn(place: place, at: time)?.nextChange(after: time) ?? .infinity) }
    }
    return next.isFinite ? next : nil
  }

  /// The places whose runners may have changed between two moments.
  func changedPlaces(since former: Double, until now: Double) -> [Int] {
    guard refusal == nil else { return [] }
    return (0..<places).filter { (turn(place: $0, at: former)?.nextChange(after: former) ?? begin) <= now }
  }

  /// Whether the scale set itself changed between two moments.
  func hasChanged(since former: Double, until now: Double) -> Bool {
    ownMoments.contains { former < $0 && $0 <= now }
  }

  /// Times of changes that do not concern a single runner. The controller deletes a scale set of another version two
  /// seconds after it was installed.
  private lazy var ownMoments: [Double] =
    [release.installedAt + 2] + (refusal == nil ? [registeredAt, listeningSince, begin] : [])

  /// When a runner's pod is deleted; nil if this cannot be computed from its turn.
  func podEnd(_ runner: DemoRunner) -> Double? { isRegular ? runner.gone : nil }

  /// A line for the logs of its jobs, all of which fail because of this trouble; nil if they do not fail.
  private(set) lazy var failingJobLine: String? =
    name == DemoTrouble.victim
    ? state.trouble.flatMap(FindingRule.init(rawValue:)).flatMap(DemoTrouble.jobLine) : nil

  /// Runners without a command that exited within a number of seconds before a moment: Kubernetes still has their pods.
  func formerRunners(before time: Double, within seconds: Double) -> [DemoRunner] {
    guard hasNoCommand, refusal == nil else { return [] }
    let present = Set(runners(at: time).map(\.name))
    return (0..<places).flatMap { place in
      stride(from: time, to: time - seconds, by: -7).compactMap { turn(place: place, at: $0)?.runner }
    }.filter { $0.removed <= time && !present.contains($0.name) }
  }

  /// The turn of a place at a moment; nil before its first one.
  private func turn(place: Int, at time: Double) -> DemoTurn? {
    if turns.isEmpty { turns = Array(repeating: nil, count: places) }
    if let known = turns[place], known.covers(time) { return known }
    guard let turn = newTurn(place: place, at: time) else { return nil }
    turns[place] = turn
    return turn
  }

  private func newTurn(place: Int, at time: Double) -> DemoTurn? {
    var own = DemoRandom(state.seed, name, "place", String(place))
    let period = hasNoCommand ? own.between(5, 7) : badImage == nil ? own.between(90, 300) : 1e9
    guard let (how, until) = way(of: place, at: time) else { return nil }
    let elapsed = time - how.since
    guard elapsed >= 0 else { return nil }
    let turn = Int(elapsed / period)
    let start = how.since + Double(turn) * period
    // Runner names are never reused, so runners of a scaled place differ from earlier ones.
    let scaled = how.since > begin ? [String(how.since)] : []
    var random = DemoRandom(state.seed, [name, String(release.templateSince), String(place), String(turn)] + scaled)
    let suffix = random.suffix()
    let work = random.between(0.25, 0.55) * period
    let waits = how.waits
    let startUp = random.between(3, 6)
    let finish = 2.0
    // A place beyond the minimum is empty until a job needs it; a place within the minimum has a runner waiting for a
    // job.
    let created = waits ? start : start + random.between(0, 0.9) * (period - work - startUp - finish - 2)
    let over = waits ? start + period - finish : created + startUp + 1 + work
    var runner = DemoRunner(
      name: "\(runnerSet)-runner-\(suffix)", scaleSet: name, random: random, created: created,
      pulling: created + 0.8, creating: created + startUp * 0.6, ready: created + startUp,
      busy: waits ? max(created + startUp + 1, over - work) : created + startUp + 1, over: over, gone: over + finish,
      assigned: 0, job: DemoJob(&random, path: path, mode: mode), end: .succeeded, badImage: badImage,
      hasNoCommand: hasNoCommand)
    // A place beyond the minimum gets a runner for a queued job; a runner within the minimum gets a new job at once.
    runner.assigned = waits ? runner.busy : runner.created
    runner.end = DemoRunner.End(luck: random.fraction())
    if failingJobLine != nil { runner.end = .failed }
    runner.random = random
    if badImage != nil {
      runner.created = start + Double(place) * 3
      runner.pulling = runner.created + 0.8
      runner.creating = runner.created + startUp * 0.6
    }
    return DemoTurn(runner, start: start, end: min(start + period, until))
  }

  // MARK: Scaling

  /// The parameters of a place at a moment, and how long they apply; nil if the place does not exist.
  private func way(of place: Int, at time: Double) -> (how: DemoState.Place, until: Double)? {
    guard let change = release.changes?[place], change.at > begin else {
      return (DemoState.Place(since: begin, waits: place < minimum), .infinity)
    }
    if time >= change.at { return (DemoState.Place(since: change.at, waits: place < minimum), .infinity) }
    return change.former.map { (DemoState.Place(since: max(begin, $0.since), waits: $0.waits), change.at) }
  }

  /// The changes of places when the scale set is scaled: new places start with a runner, and places that enter or leave
  /// the minimum first finish their turn.
  func changes(to next: DemoScaleSet, at time: Double) -> [Int: DemoState.PlaceChange]? {
    var changes = (release.changes ?? [:]).filter { $0.key < next.places }
    for place in 0..<next.places {
      let isNew = place >= places
      if !isNew, (place < minimum) == (place < next.minimum) { continue }
      let now = isNew ? nil : way(of: place, at: time)?.how
      let runner = isNew || refusal != nil ? nil : present(place: place, at: time)?.runner
      changes[place] = DemoState.PlaceChange(at: runner?.gone ?? time, former: now)
    }
    return changes.isEmpty ? nil : changes
  }
}

enum DemoRandomID {
  static func of(_ name: String, _ seed: UInt64) -> UInt64 {
    var random = DemoRandom(seed, name, "id")
    return random.next()
  }
}
