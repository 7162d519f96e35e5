import ARC
import Basics
import Installations
import Kubernetes
import Tools

extension ClusterKnowledge {
  /// Takes in what was learned.
  ///
  /// - Parameter now: when, in seconds since 1970.
  /// - Returns: what it brought, and what would tell more.
  @discardableResult
  package mutating func take(_ event: KnowledgeEvent, at now: Int64) -> KnowledgeNews {
    self.now = now
    var news = KnowledgeNews()
    var isJoined = true
    var isJudged = true
    let endings = listeners.mapValues(\.ends)
    switch event {
    case .configuration(let result) where hasConfiguration && isKnown(result): break
    case .configuration(let result):
      hasConfiguration = true
      switch result {
      case .success(let configuration): (self.configuration, configurationProblem) = (configuration, nil)
      case .failure(let error): configurationProblem = error
      }
      hostAskedAt = nil
      forgetDesired()
      isJoined = false
    case .observed(let observation):
      news.runners = take(observation)
      isJoined = false
    case .unread(let error):
      unread = error
      isJudged = false
    case .listener(let scaleSet, let facts):
      hear(facts, of: scaleSet)
      isJudged = false
    case .listenerPods(let pods):
      see(pods, at: now)
      isJudged = false
    case .listenerEnds(let ends):
      for (set, list) in ends { for end in list { listeners[set, default: .init()].note(end) } }
      isJudged = false
    case .unheard(let scaleSet, let error): unheard[scaleSet] = error
    case .mark(let target, let mark):
      if case .hint(let hint) = mark {
        memory.note(hint, runner: target.runner, scaleSet: target.scaleSet)
        isJudged = false
      }
      jobs.apply(mark, runner: target.runner)
    case .read(let target):
      // What one that waits for a job says is not why others fail.
      if snapshot?.runner(target.runner)?.state != .idle { memory.noteRead(target.scaleSet) }
    case .history(let records):
      // Those of another cluster are not known here, and their runners are not looked for in this one.
      jobs.restore(records.filter { $0.mayBe(in: context) })
      durations = JobDurations(jobs.jobs.reversed())
      settleJobs()
      (recentJobs, recentVersion) = ([], -1)
      isJudged = false
    case .host(let report):
      host = report
      isJudged = false
    case .desired(let report):
      if report.number == desiredNumber { desired = report }
      isJudged = false
    case .gathered(let gathered):
      take(gathered)
      isJudged = false
    case .planning(let names) where names == inWork: break
    case .planning(let names):
      forgetDesired()
      inWork = names
      isJoined = false
    case .clockSet(let shift):
      move(by: shift)
      isJudged = false
    case .time:
      settleJobs()
      let former = listeners
      settleListeners()
      isJudged = listeners == former && !judgesLater && !(now - judgedAt >= 5 && (awaits || !findings.isEmpty))
    }
    if takeJobs(&news) { isJudged = false }
    if !isJoined {
      statuses = joined(snapshot)
      corrected = nil
      isJudged = false
    }
    if !isJudged { judge() }
    if case .listenerEnds = event {
    } else {
      // None any more, where one has worked since.
      for (set, health) in listeners
      where health.ends != endings[set] ?? [] && (health.hasWorked || !health.ends.isEmpty) {
        news.listenerEnds[set] = health.ends
      }
    }
    ask(&news)
    return news
  }

  /// Whether this is what was read before.
  private func isKnown(_ result: Result<Configuration, EngineError>) -> Bool {
    switch result {
    case .success(let configuration): configurationProblem == nil && self.configuration == configuration
    case .failure(let error): configurationProblem == error
    }
  }

  /// Moves what was noted where somebody set the clock back; forward, it only makes things due.
  ///
  /// - Parameter now: seconds since 1970.
  package mutating func keepTime(_ now: Int64) {
    if now < self.now - 5 { take(.clockSet(by: now - self.now), at: now) }
  }

  // MARK: Listeners

  /// The pods of listeners are these now.
  private mutating func see(_ pods: [Pod], at time: Int64) {
    guard var snapshot = observation?.snapshot else { return }
    snapshot.replaceListeners(pods, at: time)
    observation?.snapshot = snapshot
    for name in registered(snapshot) {
      listeners[name, default: .init()].glimpse(snapshot.listenerPod(of: name), at: time)
    }
  }

  private func registered(_ snapshot: Snapshot) -> [String] {
    snapshot.scaleSets.filter(\.isRegistered).map(\.id)
  }

  private mutating func noteListeners(_ snapshot: Snapshot, at time: Int64) {
    // Of those that cannot be read nothing is known, not that they are absent.
    guard snapshot.listenersProblem == nil else { return listeners = [:] }
    let sets = registered(snapshot)
    for name in listeners.keys where !sets.contains(name) { listeners[name] = nil }
    for name in sets { listeners[name, default: .init()].see(snapshot.listenerPod(of: name), at: time) }
  }

  private mutating func settleListeners() {
    guard isFresh else { return }
    for name in listeners.keys {
      listeners[name]?.advance(to: now, isHeard: unheard[name] == nil, isFollowed: followsChanges)
    }
  }

  private mutating func take(_ gathered: Gathering) {
    for (target, hint) in gathered.hints {
      memory.note(hint, runner: target.runner, scaleSet: target.scaleSet)
    }
    // What was not asked for this time is as it was.
    guard gathered.request.needsEvents else { return }
    self.gathered = gathered
    self.gathered.hints = []
    memory.report(goneRunners())
  }

  private mutating func take(_ observation: ClusterObservation) -> [RunnerChange] {
    let isOther = self.observation?.uid.map { $0 != observation.uid && observation.uid != nil } ?? false
    if isOther { forgetCluster() }
    let before = isOther ? nil : self.observation
    self.observation = observation
    guard let snapshot = observation.snapshot else { return [] }
    if let askedDesired, askedDesired != snapshot.desiredKey { forgetDesired() }
    let changes = snapshot.changes(since: before?.snapshot)
    jobs.apply(changes, at: snapshot.takenAt)
    settleJobs()
    if observation.cluster.isReady { noteListeners(snapshot, at: followsChanges ? now : snapshot.takenAt) }
    let leaving = statuses.filter { $0.isTerminating || inWork.contains($0.name) }
    memory.apply(
      changes, at: snapshot.takenAt, removed: Set(leaving.flatMap { $0.scaleSets.map(\.id) }))
    for set in Set(changes.compactMap { ($0.after ?? $0.before)?.scaleSet }) {
      queues[set]?.settle(busy: snapshot.counts[set]?.busy ?? 0, now: now)
    }
    return changes
  }

  /// The context means another cluster than it did: what is not written down yet of the former one's runners cannot be
  /// found out any more, and none of it is true of this one.
  private mutating func forgetCluster() {
    (listeners, queues, unheard) = ([:], [:], [:])
    memory = RunnerMemory()
    gathered = Gathering()
    jobs.forgetRunning()
    (askedListeners, askedLogs, logsAreDue, askedMissing) = ([:], ([], []), true, [])
    (gatheredAt, idleAskedAt, suspectsAt) = (0, 0, 0)
    // The address of its server is read with what else is known of this computer.
    hostAskedAt = nil
    forgetDesired()
  }

  /// A job whose runner is not in the cluster any more has ended, whoever told of it and whenever.
  private mutating func settleJobs() {
    guard isCurrent, let snapshot else { return }
    jobs.settle(snapshot, at: min(snapshot.takenAt, observation?.heardAt ?? snapshot.takenAt))
  }

  private mutating func hear(_ facts: [ListenerFact], of scaleSet: String) {
    let busy = snapshot?.counts[scaleSet]?.busy ?? 0
    unheard[scaleSet] = nil
    guard !facts.isEmpty else { return }
    var queue = queues[scaleSet]
    var health = listeners[scaleSet] ?? ListenerHealth()
    for fact in facts {
      health.hear(fact, now: now)
      switch fact {
      // That it asks for messages, or fails, tells nothing of jobs.
      case .polled, .problem: continue
      case .counted, .started, .completed: break
      }
      var counted = queue ?? JobQueue()
      counted.apply(fact, busy: busy, now: now)
      jobs.apply(fact, scaleSet: scaleSet, queue: counted, now: now)
      queue = counted
    }
    queues[scaleSet] = queue
    listeners[scaleSet] = health
    settleJobs()
  }

  /// What was learned of jobs is to be written down, and what ended lately is at hand for the findings.
  ///
  /// - Returns: whether something that ended lately is not as it was.
  private mutating func takeJobs(_ news: inout KnowledgeNews) -> Bool {
    news.jobs = jobs.takeChanges().map { record in
      var noted = record
      noted.context = record.context ?? context
      return noted
    }
    for record in news.jobs { durations.note(record) }
    guard recentVersion != jobs.version else { return false }
    recentVersion = jobs.version
    guard news.jobs.contains(where: { $0.result != .running }) || recentJobs.isEmpty else { return false }
    let recent = jobs.ended(since: now - Diagnosis.jobMemory)
    guard recent != recentJobs else { return false }
    recentJobs = recent
    return true
  }

  /// How many runners are looked through at each change. Where there are more, something changes all the time, and
  /// looking through all of them each time takes a good part of a core: then it is done once a second.
  private static let manyRunners = 1000

  /// Looks again at what is wrong, and marks the installations with it.
  private mutating func judge() {
    settleListeners()
    // The rules look at what the cluster says.
    if corrected != nil { statuses = joined(snapshot) }
    judgeListeners(&statuses)
    judgesLater = followsChanges && now == judgedAt && (snapshot?.runners.count ?? 0) > Self.manyRunners
    if !judgesLater {
      findings = Diagnosis.findings(circumstances)
      judgedAt = now
    }
    let dead = Diagnosis.statesOfDeadRunners(findings)
    corrected = dead.isEmpty ? nil : snapshot?.correcting(dead)
    if corrected != nil {
      statuses = joined(corrected)
      judgeListeners(&statuses)
    }
    Diagnosis.mark(&statuses, with: findings)
    for index in statuses.indices {
      statuses[index].drift =
        statuses[index].installation.flatMap { installation in
          let name = statuses[index].name
          guard let desired, !desired.inWork.contains(name), !inWork.contains(name), let state = desired.states[name]
          else { return nil }
          return Diagnosis.drift(statuses[index], installation, state)
        } ?? []
    }
  }

  private func joined(_ snapshot: Snapshot?) -> [InstallationStatus] {
    InstallationStatus.joined(configuration.installations, snapshot, identity: identity)
  }

  /// The installations as the cluster tells of them, without what findings say of their runners.
  var observedStatuses: [InstallationStatus] {
    guard corrected != nil else { return statuses }
    var statuses = joined(snapshot)
    judgeListeners(&statuses)
    return statuses
  }

  /// The state of a listener is that of its recent ends, where there are any: one that cannot work runs, ends and is
  /// absent within three seconds.
  private func judgeListeners(_ statuses: inout [InstallationStatus]) {
    guard let snapshot else { return }
    for index in statuses.indices where !statuses[index].isTerminating {
      statuses[index].listener = InstallationStatus.worst(
        statuses[index].scaleSets.map { set in
          let name = set.id
          return listeners[name]?.state ?? snapshot.listener(of: name)
        })
    }
  }

  /// What was read to compare with the cluster is out of date: another request is due, and nothing is said until then.
  private mutating func forgetDesired() { (desired, askedDesired) = (nil, nil) }

  /// What was noted by the clock on the wall goes with it. Times that others wrote (pods, logs, jobs) stay.
  private mutating func move(by shift: Int64) {
    observation?.heardAt? += shift
    observation?.nextTry? += shift
    observation?.staleSince? += shift
    memory.move(by: shift)
    for name in listeners.keys { listeners[name]?.move(by: shift) }
    gatheredAt += shift
    idleAskedAt += shift
    suspectsAt += shift
    lookedAt += shift
    desiredAskedAt += shift
    judgedAt += shift
    hostAskedAt? += shift
  }

  /// Runners whose pods Kubernetes reported of within the last minutes, that are gone and had no job as far as anyone
  /// knows, by scale set.
  private func goneRunners() -> [String: Set<String>] {
    guard let snapshot else { return [:] }
    let sets = snapshot.scaleSets.map(\.id)
    var gone: [String: Set<String>] = [:]
    for event in gathered.events where event.kind == "Pod" && now - (event.last ?? 0) < RunnerMemory.span {
      // What decides about most of them is asked first, and costs the least.
      guard jobs[event.object] == nil, snapshot.runner(event.object) == nil, event.object.contains("-runner-"),
        !event.object.hasSuffix("-workflow"), let set = event.scaleSet(among: sets)
      else { continue }
      gone[set, default: []].insert(event.object)
    }
    return gone
  }
}
