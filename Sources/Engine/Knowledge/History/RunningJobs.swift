import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// Which of the jobs that were running when last seen are still running, according to the cluster.
package struct RunningJobs: Sendable {
  /// The timeout for the cluster's response.
  private static let patience: Duration = .seconds(3)

  /// The jobs that are running now, and the lost jobs of runners that died and still exist.
  package let records: [JobRecord]
  private let api: any KubernetesAPI
  private let snapshot: Snapshot
  private let knowledge: ClusterKnowledge
  private let now: Int64

  /// Reads the cluster.
  ///
  /// - Throws: `EngineError` if it cannot be read, or does not respond in time; `CancellationError`.
  package static func read(_ toolbox: Toolbox) async throws -> RunningJobs {
    let now = SystemTime.secondsSince1970()
    let (api, reader) = (try toolbox.api(), try SnapshotReader(toolbox: toolbox))
    guard let snapshot = try await TimeLimit.value(patience, { try await reader.read(now: now) }) else {
      throw EngineError(
        .timedOut, "The cluster \(toolbox.target.context) does not answer",
        why: "No answer within \(DurationText.short(patience))", obstacle: .silent)
    }
    return RunningJobs(api, snapshot, place: toolbox.target.place, now: now)
  }

  private init(_ api: any KubernetesAPI, _ snapshot: Snapshot, place: ClusterPlace, now: Int64) {
    // The failure of a pod is visible only in the pod, not in the runner object.
    var knowledge = ClusterKnowledge(place: place, followsChanges: false)
    knowledge.take(
      .observed(ClusterObservation(cluster: .ready(version: ""), snapshot: snapshot, heardAt: now)), at: now)
    records = snapshot.runners.compactMap { runner in
      guard var record = knowledge.jobs[runner.name], [.running, .lost].contains(record.result) else { return nil }
      record.place = place
      return record
    }
    (self.api, self.snapshot, self.knowledge, self.now) = (api, snapshot, knowledge, now)
  }

  /// Running jobs with the times known to the cluster, as when observing it: start and wait time come from listeners
  /// and job pods. What cannot be read within a few seconds is left unchanged.
  package func timed(_ records: [JobRecord]) async -> [JobRecord] {
    let wanted = Set(records.compactMap { $0.result == .running && $0.started == nil ? $0.scaleSet : nil })
    guard !wanted.isEmpty else { return records }
    var knowledge = knowledge
    let heard = await withTaskGroup(of: (String, [ListenerFact]).self) { group in
      for (scaleSet, pod) in snapshot.listenerPods where wanted.contains(scaleSet) {
        let request = LogRequest(pod: pod.name, namespace: pod.namespace, container: "listener", tail: 1000)
        group.addTask {
          let log = try? await api.get(request.path, timeout: Self.patience)
          return (scaleSet, log?.split(separator: 0x0A).compactMap(ListenerLog.fact) ?? [])
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for (scaleSet, facts) in heard { knowledge.take(.listener(scaleSet: scaleSet, facts), at: now) }
    return records.map { record in
      guard record.result == .running, var known = knowledge.jobs[record.runner] else { return record }
      if known.result != .lost { known.result = .running }
      return record.merged(with: known)
    }
  }

  /// The scale sets in the cluster; nil if it cannot be read.
  package static func scaleSets(_ toolbox: Toolbox) async -> [ScaleSet]? {
    guard let reader = try? SnapshotReader(toolbox: toolbox) else { return nil }
    return try? await reader.scaleSets(timeout: patience)
  }

  /// How jobs of deleted runners ended, according to their archived logs.
  package static func ended(_ targets: [LogRecorder.Target], _ archive: LogArchive) -> [String: Ending] {
    var endings = Dictionary(targets.map { ($0.runner, Ending()) }, uniquingKeysWith: { first, _ in first })
    for case (let target, .ended(let word, let time)) in archive.marks(of: targets) {
      endings[target.runner] = Ending(result: JobResult(word: word), finished: time)
    }
    return endings
  }

  /// How and when a job ended, as far as known.
  package struct Ending: Sendable, Equatable {
    package var result = JobResult.unknown
    /// Seconds since 1970.
    package var finished: Int64?
    /// The reason why it was lost.
    package var note: String?

    package init(result: JobResult = .unknown, finished: Int64? = nil, note: String? = nil) {
      (self.result, self.finished, self.note) = (result, finished, note)
    }
  }
}
