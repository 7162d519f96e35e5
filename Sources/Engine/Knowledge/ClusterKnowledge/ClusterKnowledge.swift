import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// All that is known of one cluster, and what follows from it. `take` is the one way it changes; it does nothing else,
/// so the same events give the same findings, whoever feeds them.
package struct ClusterKnowledge: Sendable {
  /// The kubeconfig context of the cluster.
  package let context: String
  /// Whether changes in the cluster are told as they happen: nothing told means that nothing changed then. For who looks
  /// now and then, what lasts is only what each look saw.
  package let followsChanges: Bool
  /// The identity of the configuration, by which marks of other deskruns are told from its own; nil where it is not
  /// known.
  package let identity: String?
  /// The moment of the last event, in seconds since 1970.
  package internal(set) var now: Int64 = 0

  // MARK: What was told
  package internal(set) var configuration = Configuration()
  package internal(set) var configurationProblem: EngineError?
  /// Whether the configuration was read, or tried to be.
  package internal(set) var hasConfiguration = false
  package internal(set) var observation: ClusterObservation?
  /// Why the objects of a cluster that answers cannot be read.
  package internal(set) var unread: EngineError?
  /// What this computer was found to be like.
  package internal(set) var host: HostReport?
  /// What scale sets are to be; nil until it was read since the last change of configuration or cluster.
  package internal(set) var desired: DesiredReport?
  /// Events, and why scale sets are not registered.
  package internal(set) var gathered = Gathering()
  /// Installations that plans work on.
  package internal(set) var inWork: Set<String> = []
  /// Why logs of listeners cannot be read, by scale set.
  var unheard: [String: EngineError] = [:]

  // MARK: What is worked out as it is told
  /// The jobs, joined from everything that tells of them.
  package internal(set) var jobs = JobLog()
  /// How long jobs usually run.
  package internal(set) var durations = JobDurations()
  /// The jobs that wait, by scale set, as the listeners count them.
  package internal(set) var queues: [String: JobQueue] = [:]
  /// How the listeners have done lately, by scale set.
  package internal(set) var listeners: [String: ListenerHealth] = [:]
  /// What is remembered of runners that are gone.
  package internal(set) var memory = RunnerMemory()
  /// The installations, joined with the cluster and marked with what was found about them.
  package internal(set) var statuses: [InstallationStatus] = []
  /// What is wrong, the worst first.
  package internal(set) var findings: [Finding] = []
  /// The snapshot with the runners that findings say to be dead; nil when there are none.
  var corrected: Snapshot?
  /// Jobs that ended within the last half hour.
  var recentJobs: [JobRecord] = []
  var recentVersion = -1

  // MARK: What was asked
  var askedListeners: [String: ListenerPod] = [:]
  var askedLogs: (busy: [LogRecorder.Target], suspects: [LogRecorder.Target]) = ([], [])
  /// Whether runners may have changed since logs were last asked for.
  var logsAreDue = false
  var askedKept: Set<String> = []
  var gatheredAt: Int64 = 0
  /// When the logs of idle runners were last asked for.
  var idleAskedAt: Int64 = 0
  var lookedAt: Int64 = 0
  var judgedAt: Int64 = 0
  /// Whether something changed of which the findings do not tell yet: the next second brings them.
  package internal(set) var judgesLater = false
  var hostAskedAt: Int64?
  var suspectsAt: Int64 = 0
  var askedIdentity: IdentityNote?
  /// The installations that were not deployed when that was last looked into.
  var askedMissing: Set<String> = []
  /// What of the scale sets the newest request was made for; nil when another is due.
  var askedDesired: [ScaleSetKey]?
  var desiredNumber = 0
  var desiredAskedAt: Int64 = 0

  /// What a change of asks for another comparison with the configuration.
  struct ScaleSetKey: Sendable, Equatable {
    var settings: ScaleSetSettings
    var valuesDigest: String?
  }

  /// Nothing is known yet.
  package init(context: String, followsChanges: Bool = true, identity: String? = nil) {
    (self.context, self.followsChanges, self.identity) = (context, followsChanges, identity)
  }

  /// What is in the cluster, with runners that only look busy or idle told as what they are.
  package var judgedSnapshot: Snapshot? { corrected ?? snapshot }

  /// What is in the cluster, as of when it was last heard of.
  package var snapshot: Snapshot? { observation?.snapshot }

  /// Whether the cluster answers.
  package var isFresh: Bool { observation?.cluster.isReady == true }

  /// Whether the snapshot is complete and current: what is not in it does not exist.
  package var isCurrent: Bool {
    guard let observation, observation.cluster.isReady, observation.staleSince == nil else { return false }
    return !observation.isSilent && (observation.trouble?.isCurrent ?? true)
  }

  /// The tools that are missing.
  package var missingTools: MissingTools { host?.missing ?? MissingTools() }

  /// Why nothing can be told of the cluster: tools are missing, named all at once. Nil while it can be looked at.
  package var toolProblem: EngineError? {
    guard case .toolMissing(let error)? = observation?.cluster else { return nil }
    return missingTools.problem ?? error
  }

  /// How far the job of a runner probably is; nil where it has none, or where too few like it have run.
  ///
  /// - Parameter now: seconds since 1970.
  package func estimate(of runner: Runner, now: Int64) -> JobEstimate? {
    guard case .busy(let job) = runner.state else { return nil }
    let record = jobs[runner.name]
    guard let usual = durations.usual(record.map { job.merged(with: $0.job) } ?? job) else { return nil }
    return JobEstimate(usual, started: record?.started, now: now)
  }

  /// All that findings follow from.
  package var circumstances: Circumstances {
    // What is not heard of any more is judged as of when it was.
    var known = Circumstances(now: isFresh ? now : observation?.heardAt ?? now)
    known.configuration = configuration
    known.configurationProblem = configurationProblem
    known.cluster = observation?.cluster
    known.identity = observation?.uid.map { ClusterIdentity(uid: $0, server: host?.server) }
    known.unread = unread
    known.snapshot = snapshot
    known.statuses = observedStatuses
    known.queues = queues
    known.listeners = listeners
    known.memory = memory
    known.jobs = recentJobs
    known.events = gathered.events
    known.registration = gathered.registration
    known.refusals = gathered.refusals
    known.checks = host?.checks ?? []
    known.missing = missingTools
    known.inWork = inWork
    if let desired { known.desired = desired.states.filter { !desired.inWork.contains($0.key) } }
    return known
  }

  /// The findings about one installation and those about all; everything when none is named.
  package func findings(about installation: String?) -> [Finding] {
    findings.filter { installation == nil || $0.installation == nil || $0.installation == installation }
  }

  /// Whether time alone can bring a finding: something waits, starts or goes away.
  package var awaits: Bool {
    queues.values.contains { $0.waiting > 0 }
      || statuses.contains { $0.counts.starting > 0 || $0.counts.finishing > 0 || $0.isTerminating }
      || statuses.contains { $0.scaleSets.contains { !$0.isRegistered } } || memory.hasPodless
      || listeners.values.contains { !$0.hasWorked }
  }
}
