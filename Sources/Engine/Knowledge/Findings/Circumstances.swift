import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// All that findings follow from. Whoever has less leaves it empty: a rule stays silent where it does not know.
package struct Circumstances: Sendable {
  /// What is configured.
  package var configuration = Configuration()
  /// Why the configuration cannot be read.
  package var configurationProblem: EngineError?
  /// How the cluster is.
  package var cluster: ClusterState?
  /// Which cluster it is; nil when that is not known, and nothing can be compared.
  package var identity: ClusterIdentity?
  /// Why the objects of a cluster that answers could not be read: what is wrong there is then unknown.
  package var unread: EngineError?
  /// What is in it.
  package var snapshot: Snapshot?
  /// The installations, joined.
  package var statuses: [InstallationStatus] = []
  /// What the listeners said, by scale set.
  package var queues: [String: JobQueue] = [:]
  /// How the listeners have done lately, by scale set.
  package var listeners: [String: ListenerHealth] = [:]
  /// What is remembered of runners.
  package var memory = RunnerMemory()
  /// Jobs that ended lately.
  package var jobs: [JobRecord] = []
  /// What Kubernetes reported lately.
  package var events: KubeEvents = []
  /// What the controller's log says of scale sets that are not registered.
  package var registration: [String: RegistrationProblem] = [:]
  /// What the controller's log says to keep it from creating listeners and runners, by scale set.
  package var refusals: [String: [ControllerRefusal]] = [:]
  /// What `doctor` found on this computer.
  package var checks: [DoctorCheck] = []
  /// What scale sets are to be, by installation: of those that are not being changed at this moment.
  package var desired: [String: DesiredState] = [:]
  /// Programs that cannot be found on it.
  package var missing = MissingTools()
  /// Installations that a plan is at work on: they are not judged meanwhile.
  package var inWork: Set<String> = []
  /// Seconds since 1970.
  package var now: Int64

  /// Nothing known yet.
  package init(now: Int64) { self.now = now }
}

/// Tells what is not well.
package enum Diagnosis {
  /// All findings, the worst first. Pure: the same circumstances give the same findings.
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

  /// The worst first, otherwise in the order given. What is wrong with an installation comes before what could be better
  /// on this computer, and what others have to fix after both.
  static func ordered(_ findings: [Finding]) -> [Finding] {
    func rank(_ finding: Finding) -> Int {
      if finding.isForeign { return finding.severity == .bad ? 3 : 4 }
      return finding.severity == .bad ? 0 : finding.installation == nil ? 2 : 1
    }
    return findings.enumerated().sorted { a, b in (rank(a.element), a.offset) < (rank(b.element), b.offset) }
      .map(\.element)
  }

  /// The findings about one installation: that it is missing or being removed explains everything else about it.
  private static func installation(
    _ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    if let manager = status.manager {
      return ofScaleSet(status, known, snapshot).map { foreign($0, manager) }
    }
    if let other = status.installation.flatMap({
      OtherCluster($0.name, known.configuration, current: known.identity)
    }) {
      return [clusterChanged(other)]
    }
    guard status.isTerminating || status.isDeployed && status.installation != nil else {
      return deployment(status, known)
    }
    return ofScaleSet(status, known, snapshot)
  }

  /// The findings about scale sets that are in the cluster, whoever deployed them.
  private static func ofScaleSet(
    _ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot
  ) -> [Finding] {
    if status.isTerminating { return stuckDeleting(status, known) }
    let registration = registration(status, known, snapshot)
    let drift = drift(status, known)
    if !registration.isEmpty { return registration + drift }
    // What keeps jobs waiting is told first.
    let listening = listener(status, known, snapshot) + refused(status, known, snapshot)
    // Jobs wait because of it, and what it counted is old.
    var queue = listening.contains { $0.severity == .bad } ? [] : queue(status, known)
    let runners = runners(status, known, snapshot)
    // Runners that only look alive do not take the jobs: that is why they wait.
    if !statesOfDeadRunners(runners).isEmpty { queue.removeAll { $0.rule == .queueStuck } }
    return listening + queue + runners + jobs(status, known) + drift
  }

  /// Writes into each status the worst that was found about it.
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

  /// The worst that was found about an installation, or about what all of them need.
  ///
  /// - Parameter findings: the worst first.
  package static func worst(of findings: [Finding], about status: InstallationStatus) -> Finding? {
    if let own = findings.first(where: { $0.installation == status.name }) { return own }
    guard status.isDeployed, status.installation != nil || status.isForeign else { return nil }
    return findings.first { [.controllerMissing, .controllerNotReady].contains($0.rule) }
  }

  /// `3s ago`, `5m ago`.
  package static func ago(_ time: Int64?, _ now: Int64) -> String {
    time.map { ", \(DurationText.short(seconds: max(0, now - $0))) ago" } ?? ""
  }

  /// Some names, and how many more there are.
  package static func names(_ names: [String]) -> String {
    switch names.count {
    case 0: ""
    case 1: names[0]
    default: "\(names.count) runners, e.g. \(names[0])"
    }
  }
}
