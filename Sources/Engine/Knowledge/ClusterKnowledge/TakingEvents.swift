import ARC
import Basics
import Installations
import Kubernetes
import Tools

extension ClusterKnowledge {
  /// Applies an event.
  ///
  /// - Parameter now: the time in seconds since 1970.
  /// - Returns: what changed, and the next questions.
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
      reach = nil
      findStrays()
      hostAskedAt = nil
      forgetDesired()
      isJoined = false
    case .observed(let observation):
      news.runners = take(observation)
      isJoined = false
    case .keptContexts(let kept):
      self.kept = kept
      isJudged = false
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
      // The log of an idle runner does not show why others fail.
      if snapshot?.runner(target.runner)?.state != .idle { memory.noteRead(target.scaleSet) }
    case .history(let records):
      // Ignore jobs of other clusters: their runners would be missing here.
      let known = knownPlaces
      jobs.restore(records.filter { $0.mayBe(in: place, among: known) })
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
      // Also report when none are left because the listener has worked since.
      for (set, health) in listeners
      where health.ends != endings[set] ?? [] && (health.hasWorked || !health.ends.isEmpty) {
        news.listenerEnds[set] = health.ends
      }
    }
    ask(&news)
    return news
  }

  /// Whether the configuration is the one already known.
  private func isKnown(_ result: Result<Configuration, EngineError>) -> Bool {
    switch result {
    case .success(let configuration): configurationProblem == nil && self.configuration == configuration
    case .failure(let error): configurationProblem == error
    }
  }

  /// Moves recorded times if the system clock was set back. Setting it forward only makes things due earlier.
  ///
  /// - Parameter now: seconds since 1970.
  package mutating func keepTime(_ now: Int64) {
    if now < self.now - 5 { take(.clockSet(by: now - self.now), at: now) }
  }

  // MARK: Listeners

  /// Replaces the pods of listeners.
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
    // If listeners cannot be read, their state is unknown, not absent.
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
    // Events that were not requested this time are unchanged.
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
    findStrays()
    if !isCurrent {
      if before?.snapshot != nil { (isInterrupted, regainedAt) = (true, nil) }
    } else if isInterrupted {
      (isInterrupted, regainedAt) = (false, now)
    }
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

  /// Discards everything about the former cluster when the context points to another one: it does not apply to the new
  /// cluster, and unfinished jobs can no longer be observed.
  private mutating func forgetCluster() {
    (listeners, queues, unheard) = ([:], [:], [:])
    memory = RunnerMemory()
    gathered = Gathering()
    jobs.forgetRunning()
    (askedListeners, askedLogs, logsAreDue, askedMissing) = ([:], ([], []), true, [])
    (gatheredAt, idleAskedAt, suspectsAt) = (0, 0, 0)
    // The server's address is read with the state of this computer.
    hostAskedAt = nil
    forgetDesired()
  }

  /// Ends the jobs whose runner no longer exists in the cluster.
  private mutating func settleJobs() {
    guard isCurrent, let snapshot else { return }
    // After an interruption listeners may be heard before the lists of runners are new.
    if followsChanges, let regainedAt, now - regainedAt < RunnerMemory.watchedPatience { return }
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
      // Polling and errors are not about jobs.
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

  /// Collects the changed jobs for writing, and updates the recently ended ones for the findings.
  ///
  /// - Returns: whether a recently ended job changed.
  private mutating func takeJobs(_ news: inout KnowledgeNews) -> Bool {
    news.jobs = jobs.takeChanges().map { record in
      var noted = record
      // An earlier version may have recorded only its context.
      if record.place.map({ $0.context == context }) ?? true { noted.place = place }
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

  /// The number of runners up to which every change is judged at once. With more runners something changes all the
  /// time, and judging each change would use much of a core, so it is done once a second.
  private static let manyRunners = 1000

  /// Updates the findings and the problems of the installations.
  private mutating func judge() {
    settleListeners()
    // The rules need the states as the cluster reports them.
    if corrected != nil { statuses = joined(snapshot) }
    judgeListeners(&statuses)
    judgesLater = followsChanges && now == judgedAt && (snapshot?.runners.count ?? 0) > Self.manyRunners
    if !judgesLater {
      findings = Diagnosis.findings(circumstances)
      if namespace != nil {
        let out = Set(configuration.installations.map(\.name.description)).subtracting(statuses.map(\.name))
        findings.removeAll { $0.installation.map(out.contains) ?? false }
      }
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
    InstallationStatus.joined(
      configuration.installations, snapshot, identity: identity, only: namespace, astray: repointed)
  }

  /// The installations as the cluster reports them, without the corrections from findings.
  var observedStatuses: [InstallationStatus] {
    guard corrected != nil else { return statuses }
    var statuses = joined(snapshot)
    judgeListeners(&statuses)
    return statuses
  }

  /// If a listener has exited recently, its state is derived from these exits: one that fails is running, exited and
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

  /// Discards the desired state because it is outdated: it is requested again, and nothing is compared until then.
  private mutating func forgetDesired() { (desired, askedDesired) = (nil, nil) }

  /// Shifts times that were recorded with the system clock. Times from other sources (pods, logs, jobs) are unchanged.
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

  /// Runners that no longer exist, had no known job, and whose pods had Kubernetes events in the last minutes, by scale
  /// set.
  private func goneRunners() -> [String: Set<String>] {
    guard let snapshot else { return [:] }
    let sets = snapshot.scaleSets.map(\.id)
    var gone: [String: Set<String>] = [:]
    for event in gathered.events where event.kind == "Pod" && now - (event.last ?? 0) < RunnerMemory.span {
      // The first conditions are the cheapest and exclude most events.
      guard jobs[event.object] == nil, snapshot.runner(event.object) == nil, event.object.contains("-runner-"),
        !event.object.hasSuffix("-workflow"), let set = event.scaleSet(among: sets)
      else { continue }
      gone[set, default: []].insert(event.object)
    }
    return gone
  }
}
