import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// The input of all findings. Unknown parts stay empty: a rule returns nothing if it lacks data.
package struct Circumstances: Sendable {
  package var configuration = Configuration()
  package var configurationProblem: EngineError?
  package var cluster: ClusterState?
  /// The kubeconfig context of the cluster; nil for the default of the configuration.
  package var context: String?
  /// The cluster's identity; nil if unknown, so that nothing can be compared with it.
  package var identity: ClusterIdentity?
  /// The other contexts that lead to the cluster of installations whose own one fails or means another.
  package var kept: KeptContexts = [:]
  /// Why the objects of a cluster that responds could not be read; their problems are unknown.
  package var unread: EngineError?
  /// The cluster's contents.
  package var snapshot: Snapshot?
  /// The installations, joined with the cluster.
  package var statuses: [InstallationStatus] = []
  /// The queued jobs reported by the listeners, by scale set.
  package var queues: [String: JobQueue] = [:]
  /// The recent state of the listeners, by scale set.
  package var listeners: [String: ListenerHealth] = [:]
  /// What was observed about runners.
  package var memory = RunnerMemory()
  /// Jobs that ended recently.
  package var jobs: [JobRecord] = []
  /// Recent Kubernetes events.
  package var events: KubeEvents = []
  /// The reasons in the controller's log why scale sets are not registered.
  package var registration: [String: RegistrationProblem] = [:]
  /// The reasons in the controller's log why it cannot create listeners and runners, by scale set.
  package var refusals: [String: [ControllerRefusal]] = [:]
  /// The checks of this computer by `doctor`.
  package var checks: [DoctorCheck] = []
  /// The desired states by installation, except those that are being changed.
  package var desired: [String: DesiredState] = [:]
  /// Programs that were not found on this computer.
  package var missing = MissingTools()
  /// Installations that a plan is changing; they are not judged in the meantime.
  package var inWork: Set<String> = []
  /// Seconds since 1970.
  package var now: Int64

  package init(now: Int64) { self.now = now }
}

/// Finds problems.
package enum Diagnosis {
  /// All findings, most severe first. A pure function: the same circumstances give the same findings.
  package static func findings(_ known: Circumstances) -> [Finding] {
    var findings = configuration(known) + tools(known) + cluster(known) + host(known)
    if let snapshot = known.snapshot {
      findings += controller(known, snapshot) + nodes(snapshot)
      for status in known.statuses where !known.inWork.contains(status.name) {
        findings += installation(status, known, snapshot)
      }
    }
    let judged = known.statuses.filter { !known.inWork.contains($0.name) }
    return SharedScaleSets.joined(ordered(findings), SharedScaleSets.within(judged))
  }

  /// Sorts by severity, otherwise keeps the order. Problems of an installation come before those of this computer, and
  /// problems that others have to fix come last.
  static func ordered(_ findings: [Finding]) -> [Finding] {
    func rank(_ finding: Finding) -> Int {
      if finding.isForeign { return finding.severity == .bad ? 3 : 4 }
      return finding.severity == .bad ? 0 : finding.installation == nil ? 2 : 1
    }
    return findings.enumerated().sorted { a, b in (rank(a.element), a.offset) < (rank(b.element), b.offset) }
      .map(\.element)
  }

  /// The findings about one installation. That it is missing or being removed explains everything else about it.
  private static func installation(
    _ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    if let manager = status.manager {
      return ofScaleSet(status, known, snapshot).map { foreign($0, manager) }
    }
    if let name = status.installation?.name,
      let other = OtherCluster(name, known.configuration, current: known.identity)
    {
      return [clusterChanged(other, kept: known.kept[name])]
    }
    guard status.isTerminating || status.isDeployed && status.installation != nil else {
      return deployment(status, known)
    }
    return ofScaleSet(status, known, snapshot)
  }

  /// The findings about deployed scale sets, including those deployed without deskrun.
  private static func ofScaleSet(
    _ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    if status.isTerminating { return stuckDeleting(status, known) }
    let registration = registration(status, known, snapshot)
    let drift = drift(status, known)
    if !registration.isEmpty { return registration + drift }
    // Problems that prevent jobs from running come first.
    let listening = listener(status, known, snapshot) + refused(status, known, snapshot)
    // Then this is why jobs are queued, and the listener's counts are outdated.
    var queue = listening.contains { $0.severity == .bad } ? [] : queue(status, known)
    let runners = runners(status, known, snapshot)
    // Dead runners do not run the jobs: this is why they are queued.
    if !statesOfDeadRunners(runners).isEmpty { queue.removeAll { $0.rule == .queueStuck } }
    return listening + queue + runners + jobs(status, known) + drift
  }

  /// Stores in each status its most severe finding.
  package static func mark(_ statuses: inout [InstallationStatus], with findings: [Finding]) {
    for index in statuses.indices {
      let name = statuses[index].name
      guard let found = worst(of: findings, about: statuses[index]) else {
        statuses[index].problem = nil
        continue
      }
      let title = found.title.hasPrefix("\(name): ") ? String(found.title.dropFirst(name.count + 2)) : found.title
      statuses[index].problem = .init(
        severity: found.severity, sentence: title,
        fix: found.action?.command(found.installation).map { "\(found.remedy): `\($0)`" } ?? found.remedy)
    }
  }

  /// The most severe finding about an installation, or about something that all installations need.
  ///
  /// - Parameter findings: sorted by severity.
  package static func worst(of findings: [Finding], about status: InstallationStatus) -> Finding? {
    if let own = findings.first(where: { $0.installation == status.name }) { return own }
    guard status.isDeployed, status.installation != nil || status.isForeign else { return nil }
    return findings.first { [.controllerMissing, .controllerNotReady].contains($0.rule) }
  }

  /// `3s ago`, `5m ago`.
  package static func ago(_ time: Int64?, _ now: Int64) -> String {
    time.map { ", \(DurationText.short(seconds: max(0, now - $0))) ago" } ?? ""
  }

  /// One name, or the number of names with an example.
  package static func names(_ names: [String]) -> String {
    switch names.count {
    case 0: ""
    case 1: names[0]
    default: "\(names.count) runners, e.g. \(names[0])"
    }
  }
}
