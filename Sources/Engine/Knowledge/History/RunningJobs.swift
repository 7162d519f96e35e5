import ARC
import Basics
import Kubernetes
import Tools

/// Which of the jobs that ran when they were last seen still do.
package enum RunningJobs {
  /// Seconds that the cluster is given to answer.
  private static let patience: Duration = .seconds(3)

  /// The jobs that run now, and those whose runners died and still exist, which are lost; nil when the cluster cannot be
  /// asked.
  package static func read(_ toolbox: Toolbox) async -> [JobRecord]? {
    let now = SystemTime.secondsSince1970()
    guard let api = try? toolbox.api(),
      let snapshot = await limited({ try await SnapshotReader(api: api).read(now: now) })
    else { return nil }
    let knowledge = knowledge(of: snapshot, toolbox, at: now)
    return snapshot.runners.compactMap { runner in
      guard var record = knowledge.jobs[runner.name], [.running, .lost].contains(record.result) else { return nil }
      record.context = toolbox.target.context
      return record
    }
  }

  /// What a snapshot alone tells of jobs: that a pod died is in the pod, not in the runner's object.
  private static func knowledge(of snapshot: Snapshot, _ toolbox: Toolbox, at now: Int64) -> ClusterKnowledge {
    var knowledge = ClusterKnowledge(context: toolbox.target.context, followsChanges: false)
    knowledge.take(
      .observed(ClusterObservation(cluster: .ready(version: ""), snapshot: snapshot, heardAt: now)), at: now)
    return knowledge
  }

  /// Jobs that run now with what else the cluster knows of them, as every look at it does: when they began and how long
  /// they waited, which listeners and job pods tell. What cannot be read in a few seconds is left as it is.
  package static func timed(_ records: [JobRecord], _ toolbox: Toolbox) async -> [JobRecord] {
    let now = SystemTime.secondsSince1970()
    guard records.contains(where: { $0.result == .running && $0.started == nil }), let api = try? toolbox.api(),
      let snapshot = await limited({ try await SnapshotReader(api: api).read(now: now) })
    else { return records }
    var knowledge = knowledge(of: snapshot, toolbox, at: now)
    let wanted = Set(records.compactMap { $0.result == .running && $0.started == nil ? $0.scaleSet : nil })
    let heard = await withTaskGroup(of: (String, [ListenerFact]).self) { group in
      for (scaleSet, pod) in snapshot.listenerPods where wanted.contains(scaleSet) {
        let request = LogRequest(pod: pod.name, namespace: pod.namespace, container: "listener", tail: 1000)
        group.addTask {
          let log = try? await api.get(request.path, timeout: patience)
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

  /// What is read within the patience; nil otherwise.
  private static func limited<Value: Sendable>(_ read: @escaping @Sendable () async throws -> Value) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
      group.addTask { try? await read() }
      group.addTask {
        try? await Task.sleep(for: patience)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
  }

  /// The scale sets in the cluster; nil when it cannot be asked.
  package static func scaleSets(_ toolbox: Toolbox) async -> [ScaleSet]? {
    guard let api = try? toolbox.api() else { return nil }
    return try? await SnapshotReader(api: api).scaleSets(timeout: patience)
  }

  /// How jobs ended whose runners are gone, as their logs tell where they were kept.
  package static func ended(_ targets: [LogRecorder.Target], _ archive: LogArchive) -> [String: Ending] {
    var endings = Dictionary(targets.map { ($0.runner, Ending()) }, uniquingKeysWith: { first, _ in first })
    for case (let target, .ended(let word, let time)) in archive.marks(of: targets) {
      endings[target.runner] = Ending(result: JobResult(word: word), finished: time)
    }
    return endings
  }

  /// How a job ended, and when, as far as it is known.
  package struct Ending: Sendable, Equatable {
    package var result = JobResult.unknown
    /// Seconds since 1970.
    package var finished: Int64?
    /// Why it was lost.
    package var note: String?

    /// Describes an end.
    package init(result: JobResult = .unknown, finished: Int64? = nil, note: String? = nil) {
      (self.result, self.finished, self.note) = (result, finished, note)
    }
  }
}
