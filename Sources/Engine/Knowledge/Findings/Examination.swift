import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// Finds out what is not well in one go, for who was not watching: a look at the cluster, its events and logs and the
/// history, and where runners seem to come and go too fast, a few seconds of watching.
package struct Examination: Sendable {
  package let toolbox: Toolbox
  package let paths: Paths
  /// Time between two looks while it watches.
  package var interval: Duration = .seconds(1)
  /// The most looks.
  package var looks = 15

  /// Examines what these programs and files lead to.
  package init(toolbox: Toolbox, paths: Paths) {
    self.toolbox = toolbox
    self.paths = paths
  }

  /// All that can be known.
  ///
  /// - Throws: `CancellationError`; what cannot be read is left out.
  package func circumstances(_ configuration: Configuration) async throws -> Circumstances {
    var known = Circumstances(now: SystemTime.secondsSince1970())
    known.configuration = configuration
    known.checks = HostChecks.all(
      paths: paths, configuration: configuration, isKind: toolbox.target.kindCluster != nil,
      environment: toolbox.environment)
    known.jobs = JobHistory(path: paths.history).recent().suffix(JobLog.limit).map { $0 }
    let state = try await ClusterInspector(toolbox: toolbox).state()
    known.cluster = state
    if let mounts = await Doctor.nodeMounts(toolbox, paths, configuration) { known.checks.append(mounts) }
    guard state.isReady, let api = try? toolbox.kubectl() else { return known }
    let reader = SnapshotReader(api: api)
    let snapshot: Snapshot
    do { snapshot = try await reader.read(now: known.now) } catch let error as EngineError {
      known.unread = error
      return known
    }
    take(snapshot, &known)
    let unsettled = known.statuses.filter { !$0.isDeployed || $0.scaleSets.contains { !$0.isRegistered } }
    let gathered = await Gathering.read(
      api, unregistered: unsettled.compactMap(\.installation), unexplained: snapshot.unexplained,
      idle: snapshot.idleToAsk(now: known.now))
    (known.events, known.registration, known.refusals) = (gathered.events, gathered.registration, gathered.refusals)
    let withJob = await listen(snapshot, api, &known)
    await read(logsOf: snapshot, api, &known)
    for (target, hint) in gathered.hints {
      known.memory.note(hint, runner: target.runner, scaleSet: target.scaleSet)
    }
    if snapshot.runners.contains(where: \.lacksPod) { try await lookAgain(reader, &known) }
    if isChurning(snapshot, known, withJob) {
      try await watch(reader, api, &known)
    } else if failsWithoutWords(known) {
      try await listenToFailing(reader, api, &known)
    }
    return known
  }

  private func take(_ snapshot: Snapshot, _ known: inout Circumstances) {
    known.now = snapshot.takenAt
    known.memory.apply(snapshot.changes(since: known.snapshot), at: snapshot.takenAt)
    known.snapshot = snapshot
    known.statuses = InstallationStatus.joined(known.configuration.installations, snapshot)
  }

  /// Reads what the listeners said.
  ///
  /// - Returns: the runners that had a job.
  private func listen(_ snapshot: Snapshot, _ api: any KubernetesAPI, _ known: inout Circumstances) async -> Set<String>
  {
    var withJob = Set(known.jobs.map(\.runner))
    for (set, pod) in snapshot.listenerPods {
      let request = LogRequest(pod: pod, namespace: ClusterTarget.namespace, container: "listener", tail: 1000)
      guard let bytes = try? await api.get(request.path, timeout: .seconds(15)) else { continue }
      var queue = JobQueue()
      for fact in bytes.split(separator: 0x0A).compactMap(ListenerLog.fact) {
        // How many were busy then is not known; how many are now is.
        queue.apply(fact, busy: snapshot.counts[set]?.busy ?? 0, now: known.now)
        if case .started(let runner, _, _) = fact { withJob.insert(runner) }
      }
      queue.settle(busy: snapshot.counts[set]?.busy ?? 0, now: known.now)
      known.queues[set] = queue
    }
    return withJob
  }

  /// Reads the logs that may tell why: of two runners that fail or start in each scale set, and of the newest job that
  /// did not succeed.
  private func read(logsOf snapshot: Snapshot, _ api: any KubernetesAPI, _ known: inout Circumstances) async {
    for set in snapshot.scaleSets.map(\.metadata.name) {
      let counts = snapshot.counts[set] ?? .init()
      guard counts.failing + counts.starting > 0 else { continue }
      let odd = snapshot.runners.filter { $0.scaleSet == set && $0.state.job == nil && $0.rank >= 3 }.prefix(2)
      for runner in odd {
        let request = LogRequest(
          pod: runner.name, namespace: ClusterTarget.namespace, container: "runner", tail: 100)
        guard let bytes = try? await api.get(request.path, timeout: .seconds(10)) else { continue }
        note(bytes, runner.name, set, &known)
      }
    }
    let archive = LogArchive(folder: paths.logs)
    for set in Set(known.jobs.map(\.scaleSet)) {
      guard
        let last = known.jobs.filter({ $0.scaleSet == set && $0.result != .running }).max(by: { $0.latest < $1.latest }
        ),
        last.result != .succeeded, let bytes = archive.read(scaleSet: set, runner: last.runner, limit: 256 << 10)
      else { continue }
      note(bytes, last.runner, set, &known)
    }
  }

  /// What may be so for a moment has to be so twice.
  private func lookAgain(_ reader: SnapshotReader, _ known: inout Circumstances) async throws {
    try await Task.sleep(for: interval * 2)
    if let snapshot = try? await reader.read(now: SystemTime.secondsSince1970()) { take(snapshot, &known) }
  }

  private func note(_ bytes: [UInt8], _ runner: String, _ set: String, _ known: inout Circumstances) {
    for line in bytes.split(separator: 0x0A) {
      if let hint = LogHint.find(in: line) { known.memory.note(hint, runner: runner, scaleSet: set) }
    }
  }

  /// Whether Kubernetes reported lately of three or more pods of runners that are gone and had no job.
  private func isChurning(_ snapshot: Snapshot, _ known: Circumstances, _ withJob: Set<String>) -> Bool {
    for set in snapshot.scaleSets.map(\.metadata.name) {
      let names = known.events.filter {
        $0.kind == "Pod" && $0.object.hasPrefix("\(set)-") && $0.object.contains("-runner-")
          && !$0.object.hasSuffix("-workflow") && known.now - ($0.last ?? 0) < RunnerMemory.span
      }.map(\.object)
      let gone = Set(names).subtracting(withJob).filter { snapshot.runner($0) == nil }
      if gone.count >= 3 { return true }
      // Or none of its runners gets old, nor ready.
      let waiting = snapshot.runners.filter { $0.scaleSet == set && $0.state.job == nil }
      let areYoung = waiting.allSatisfy { $0.state != .idle && known.now - ($0.created ?? 0) < 20 }
      let wants =
        snapshot.scaleSets.first { $0.metadata.name == set }.map { $0.isRegistered && $0.minimum > 0 } ?? false
      if wants, areYoung, (snapshot.counts[set]?.busy ?? 0) == 0 { return true }
    }
    return false
  }

  /// Whether pods fail whose log nobody has read: a pod that failed is deleted at once, and the next one comes later and
  /// later.
  private func failsWithoutWords(_ known: Circumstances) -> Bool {
    known.statuses.contains { status in
      status.failing.contains { runner in
        guard case .failing(_, let code) = runner.state, code.contains("PodFail") else { return false }
        return status.scaleSets.allSatisfy { known.memory.runners(saying: .root, in: $0.metadata.name).isEmpty }
      }
    }
  }

  private func listenToFailing(
    _ reader: SnapshotReader, _ api: any KubernetesAPI, _ known: inout Circumstances
  ) async throws {
    for _ in 0..<looks {
      let failing = known.statuses.flatMap(\.failing).filter { known.snapshot?.pod($0.name)?.node != nil }
      for runner in failing.prefix(4) where known.memory.hints(of: runner.name).isEmpty {
        let request = LogRequest(pod: runner.name, namespace: ClusterTarget.namespace, container: "runner", tail: 100)
        guard let bytes = try? await api.get(request.path, timeout: .seconds(5)), !bytes.isEmpty else { continue }
        note(bytes, runner.name, runner.scaleSet, &known)
        // It has said what it has to say, known or not.
        if !failsWithoutWords(known) || LogHint.find(in: bytes[...]) == nil { return }
      }
      try await Task.sleep(for: interval)
      if let snapshot = try? await reader.read(now: SystemTime.secondsSince1970()) { take(snapshot, &known) }
    }
  }

  private func watch(_ reader: SnapshotReader, _ api: any KubernetesAPI, _ known: inout Circumstances) async throws {
    for _ in 0..<looks {
      try await Task.sleep(for: interval)
      guard let snapshot = try? await reader.read(now: SystemTime.secondsSince1970()) else { continue }
      take(snapshot, &known)
      for target in known.memory.suspects(snapshot) where known.memory.hints(of: target.runner).isEmpty {
        let request = LogRequest(
          pod: target.runner, namespace: target.namespace, container: "runner", tail: 100)
        guard let bytes = try? await api.get(request.path, timeout: .seconds(5)) else { continue }
        note(bytes, target.runner, target.scaleSet, &known)
      }
      let ended = snapshot.scaleSets.map { known.memory.shortLived($0.metadata.name).count }
      if ended.contains(where: { $0 >= 4 }) { return }
    }
  }
}
