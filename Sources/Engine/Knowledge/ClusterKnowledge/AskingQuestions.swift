import ARC
import Installations
import Kubernetes

extension ClusterKnowledge {
  /// Seconds between requests for events and the controller's log.
  private static let gatheringInterval: Int64 = 20
  /// Seconds between requests for the logs of idle runners.
  private static let idleInterval: Int64 = 120
  /// Seconds between checks of this computer.
  private static let hostInterval: Int64 = 300
  /// Seconds between reads of values files, which can be edited at any time.
  private static let desiredInterval: Int64 = 20
  /// Seconds between checks of installations that are being changed.
  private static let changingInterval: Int64 = 3

  /// Adds the questions whose answers are needed now. A question is repeated only if it changed, or after some time.
  mutating func ask(_ news: inout KnowledgeNews) {
    askHost(&news)
    askKeptContexts(&news)
    guard isFresh, let snapshot else {
      // The logs of runners that changed in the meantime were not requested.
      logsAreDue = true
      return
    }
    let pods = snapshot.listenerPods
    if pods != askedListeners {
      askedListeners = pods
      news.questions.append(.listeners(pods))
    }
    askIdentity(&news)
    askLogs(snapshot, &news)
    askKept(&news)
    askDesired(snapshot, &news)
    askGathering(snapshot, &news)
  }

  private mutating func askKeptContexts(_ news: inout KnowledgeNews) {
    guard strays != astray else { return }
    astray = strays
    if !strays.isEmpty { news.questions.append(.keptContexts(strays, configuration)) }
  }

  private mutating func askHost(_ news: inout KnowledgeNews) {
    guard hasConfiguration, hostAskedAt.map({ now - $0 >= Self.hostInterval }) ?? true else { return }
    hostAskedAt = now
    news.questions.append(.host(configuration))
  }

  private mutating func askDesired(_ snapshot: Snapshot, _ news: inout KnowledgeNews) {
    guard hasConfiguration, !configuration.installations.isEmpty else { return }
    let isChanging = desired.map { !$0.inWork.isEmpty } ?? false
    let mayChange = isChanging || configuration.installations.contains { !$0.valuesFiles.isEmpty }
    let isDue = mayChange && now - desiredAskedAt >= (isChanging ? Self.changingInterval : Self.desiredInterval)
    guard askedDesired == nil || isDue else { return }
    askedDesired = snapshot.desiredKey
    desiredAskedAt = now
    desiredNumber += 1
    news.questions.append(
      .desired(
        DesiredRequest(
          number: desiredNumber, configuration: configuration,
          arc: snapshot.controller.flatMap { SupportedARC.release($0.version) } ?? SupportedARC.newest)))
  }

  /// Logs are requested only if the list of runners changed: there may be thousands.
  private mutating func askLogs(_ snapshot: Snapshot, _ news: inout KnowledgeNews) {
    // Runners can become suspect as time passes.
    guard !news.runners.isEmpty || logsAreDue || now - suspectsAt >= 5 else { return }
    suspectsAt = now
    let suspects = memory.suspects(snapshot)
    let hasChanged =
      suspects != askedLogs.suspects
      || news.runners.contains { ($0.before?.keepsLogOfJob ?? false) != ($0.after?.keepsLogOfJob ?? false) }
    guard hasChanged || logsAreDue else { return }
    logsAreDue = false
    let busy = snapshot.busyTargets
    guard busy != askedLogs.busy || suspects != askedLogs.suspects else { return }
    askedLogs = (busy, suspects)
    news.questions.append(.logs(busy: busy, suspects: suspects))
  }

  /// The logs of jobs that ended with an unknown result, and of the newest failed job of each scale set, for the
  /// reason.
  private mutating func askKept(_ news: inout KnowledgeNews) {
    var targets = jobs.takeSilent()
    for set in Set(recentJobs.map(\.scaleSet)) {
      guard let failed = Diagnosis.newest(of: recentJobs, in: [set]), failed.result == .failed,
        memory.hints(of: failed.runner).isEmpty
      else { continue }
      targets.append(LogRecorder.Target(runner: failed.runner, scaleSet: set))
    }
    targets = targets.filter { askedKept.insert($0.runner).inserted }
    // Runner names are not reused, so old ones can be dropped.
    if askedKept.count > 5000 { askedKept = [] }
    if !targets.isEmpty { news.questions.append(.kept(targets)) }
  }

  private mutating func askGathering(_ snapshot: Snapshot, _ news: inout KnowledgeNews) {
    // Once a second is sufficient: this iterates over thousands of runners.
    guard now - gatheredAt >= Self.gatheringInterval, now != lookedAt else { return }
    lookedAt = now
    let unregistered = statuses.filter { status in
      status.scaleSets.contains { !$0.isRegistered && now - ($0.metadata.created ?? now) > 15 }
    }
    let missing = statuses.filter { !$0.isDeployed && $0.installation != nil }
    let names = Set(missing.map(\.name))
    defer { askedMissing = names }
    var request = GatheringRequest()
    request.namespaces = snapshot.eventNamespaces
    // In the controller's log, the listeners of two scale sets of the same name cannot be distinguished.
    let shared = snapshot.sharedNames
    // Nor is it requested if the controller cannot be found.
    let unexplained = snapshot.hidesController ? [] : snapshot.unexplained
    request.unexplained = unexplained.filter { !shared.contains(ScaleSetID.name($0)) }.filter { name in
      snapshot.scaleSets.contains { $0.id == name && now - ($0.metadata.created ?? now) > 60 }
    }
    request.needsEvents =
      !unregistered.isEmpty || !request.unexplained.isEmpty || names != askedMissing && !missing.isEmpty
      || isOdd(snapshot)
    // A runner that GitHub has deleted appears healthy, so the logs of idle runners are checked periodically.
    if now - idleAskedAt >= Self.idleInterval {
      request.idle = snapshot.idleToAsk(now: now)
      if !request.idle.isEmpty { idleAskedAt = now }
    }
    guard request.needsEvents || !request.idle.isEmpty else { return }
    if request.needsEvents {
      gatheredAt = now
      for status in snapshot.hidesController ? [] : unregistered + missing {
        guard
          let target = status.installation?.target
            ?? status.scaleSets.first.flatMap({ try? GitHubTarget($0.githubURL) })
        else { continue }
        for name in status.scaleSetNames { request.unregistered[name] = target }
      }
    }
    news.questions.append(.gathering(request))
  }

  /// Whether runners or job pods take long to start, or requested runners are missing.
  private func isOdd(_ snapshot: Snapshot) -> Bool {
    if statuses.contains(where: { $0.counts.starting > 0 }),
      snapshot.runners.contains(where: { $0.rank == 3 && now - (memory.since($0.name) ?? $0.created ?? now) > 20 })
    {
      return true
    }
    if statuses.contains(where: { $0.counts.busy > 0 }),
      snapshot.runners.contains(where: { runner in
        runner.jobPods.contains { $0.phase == "Pending" && now - ($0.metadata.created ?? now) > 20 }
      })
    {
      return true
    }
    return snapshot.scaleSets.contains { set in
      let counts = snapshot.counts[set.id] ?? .init()
      let wants = set.minimum > 0 || (queues[set.id]?.waiting ?? 0) > 0
      return set.isRegistered && wants && counts.idle + counts.busy + counts.failing == 0
    }
  }

  /// The scale sets whose listeners are not known to work: the listener is absent, new or has exited, and the reason is
  /// unknown.
  package var unsettledListeners: [String] {
    guard isFresh, let snapshot, snapshot.controller?.isReady == true else { return [] }
    return statuses.filter { $0.installation != nil && !$0.isTerminating && !inWork.contains($0.name) }
      .flatMap(\.scaleSets).filter { $0.isRegistered && !$0.isOutdated && $0.metadata.deleted == nil }
      .map(\.id).filter { set in
        guard let health = listeners[set], !health.hasWorked, !health.hasCause else { return false }
        // What Kubernetes or the controller reports about it is the reason.
        if isKnownToBeMissing(set) || unheard[set]?.kind == .unauthorized
          || snapshot.listenerPod(of: set)?.isCutOff == true
        {
          return false
        }
        if health.ends.isEmpty, case .failing? = snapshot.listeners[set] { return false }
        return true
      }
  }

  private func isKnownToBeMissing(_ set: String) -> Bool {
    gathered.refusals[set]?.contains { $0.missing == .listener } == true
  }

  /// Whether watching the cluster for some seconds could show why runners fail or are replaced.
  var isUnsettled: Bool { !unsettled.isEmpty }

  /// The scale sets whose runners fail or end too soon for an unknown reason.
  var unsettled: [String] {
    guard isFresh, let snapshot else { return [] }
    // Do not delay the command for runners of other owners.
    let foreign = statuses.filter(\.isForeign).reduce(into: Set<String>()) { $0.formUnion($1.scaleSetNames) }
    return snapshot.scaleSets.filter {
      $0.metadata.deleted == nil && $0.isRegistered && !foreign.contains($0.id)
    }.map(\.id).filter {
      isChurning($0, snapshot) || failsWithoutWords($0, snapshot) || lacksPods($0, snapshot)
    }
  }

  /// Whether three or more runners without a job disappeared, and none was observed closely enough to know why.
  private func isChurning(_ set: String, _ snapshot: Snapshot) -> Bool {
    guard memory.reported(set).count >= 3, !explained(set, [.noCommand, .rootRefused]) else { return false }
    // Once the end of one runner was observed, the reason is known.
    let hasExit = memory.recent(set).contains { !$0.hadJob && $0.exit != nil }
    if hasExit, explained(set, [.cycling]) { return false }
    let counts = snapshot.counts[set] ?? .init()
    return counts.idle + counts.busy + counts.failing == 0
  }

  /// Whether a busy runner was seen without a pod only once: this is also true for a moment whenever a pod is deleted.
  private func lacksPods(_ set: String, _ snapshot: Snapshot) -> Bool {
    memory.hasPodless
      && snapshot.runners.contains { runner in
        runner.scaleSet == set && runner.lacksPod && memory.willBeLost(runner.name, at: now)
          && now - (runner.created ?? now) >= Diagnosis.podAge
      }
  }

  private func explained(_ set: String, _ rules: Set<FindingRule>) -> Bool {
    let name = statuses.owner(ofScaleSet: set)?.name
    return findings.contains { rules.contains($0.rule) && $0.installation == name }
  }

  /// Whether pods fail whose logs were not read: a failed pod is deleted, and the next one is created later.
  private func failsWithoutWords(_ set: String, _ snapshot: Snapshot) -> Bool {
    guard (snapshot.counts[set]?.failing ?? 0) > 0, !memory.hasHeard(set) else { return false }
    return snapshot.runners.contains { runner in
      guard runner.scaleSet == set, case .failing(_, let code) = runner.state else { return false }
      return code.contains("PodFail")
    }
  }
}

extension Snapshot {
  var desiredKey: [ClusterKnowledge.ScaleSetKey] {
    scaleSets.map { .init(settings: $0.settings, valuesDigest: $0.valuesDigest) }
  }
}
