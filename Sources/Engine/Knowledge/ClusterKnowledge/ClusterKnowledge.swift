import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// Everything known about one cluster, and the conclusions. It changes only in `take`, which has no other effect: the
/// same events always lead to the same findings.
package struct ClusterKnowledge: Sendable {
  /// The cluster.
  package let place: ClusterPlace
  /// The kubeconfig context of the cluster.
  package var context: String { place.context }
  /// Whether changes in the cluster are received as they happen, so that silence means that nothing changed. Otherwise
  /// durations are known only from the individual reads.
  package let followsChanges: Bool
  /// The identity of the configuration, which distinguishes its ownership labels from those of other deskruns; nil if
  /// unknown.
  package let identity: String?
  /// The only namespace that was asked for; nil for all. Installations of others are left out, even while the cluster
  /// cannot be read: the configuration has their namespaces.
  package let namespace: String?
  /// The time of the last event, in seconds since 1970.
  package internal(set) var now: Int64 = 0

  // MARK: Received
  package internal(set) var configuration = Configuration()
  package internal(set) var configurationProblem: EngineError?
  /// Whether reading the configuration was attempted.
  package internal(set) var hasConfiguration = false
  package internal(set) var observation: ClusterObservation?
  /// The other contexts that lead to the cluster of installations whose own one fails or means another.
  package internal(set) var kept: KeptContexts = [:]
  /// Why the objects of a cluster that responds cannot be read.
  package internal(set) var unread: EngineError?
  /// The state of this computer.
  package internal(set) var host: HostReport?
  /// The desired state of the scale sets; nil until it is read after a change of the configuration or the cluster.
  package internal(set) var desired: DesiredReport?
  /// Kubernetes events, and why scale sets are not registered.
  package internal(set) var gathered = Gathering()
  /// Installations that plans are currently changing.
  package internal(set) var inWork: Set<String> = []
  /// Why the logs of listeners cannot be read, by scale set.
  var unheard: [String: EngineError] = [:]

  // MARK: Derived
  /// The jobs, merged from all sources.
  package internal(set) var jobs = JobLog()
  /// The usual run times of jobs.
  package internal(set) var durations = JobDurations()
  /// The queued jobs by scale set, as counted by the listeners.
  package internal(set) var queues: [String: JobQueue] = [:]
  /// The recent state of the listeners by scale set.
  package internal(set) var listeners: [String: ListenerHealth] = [:]
  /// What was observed about runners, including deleted ones.
  package internal(set) var memory = RunnerMemory()
  /// The installations, joined with the cluster and their problems.
  package internal(set) var statuses: [InstallationStatus] = []
  /// All findings, most severe first.
  package internal(set) var findings: [Finding] = []
  /// The snapshot with the states of runners corrected that findings consider dead; nil if there are none.
  var corrected: Snapshot?
  /// Jobs that ended in the last half hour.
  var recentJobs: [JobRecord] = []
  var recentVersion = -1
  /// Whether the cluster, which was known, stopped answering; else when it answered again, if it ever did.
  var isInterrupted = false
  var regainedAt: Int64?

  // MARK: Requested
  var askedListeners: [String: ListenerPod] = [:]
  var askedLogs: (busy: [LogRecorder.Target], suspects: [LogRecorder.Target]) = ([], [])
  /// Whether runners may have changed since logs were last requested.
  var logsAreDue = false
  var askedKept: Set<String> = []
  var gatheredAt: Int64 = 0
  /// When the logs of idle runners were last requested.
  var idleAskedAt: Int64 = 0
  var lookedAt: Int64 = 0
  var judgedAt: Int64 = 0
  /// Whether the findings are outdated; they are updated within a second.
  package internal(set) var judgesLater = false
  var hostAskedAt: Int64?
  var suspectsAt: Int64 = 0
  var askedIdentity: IdentityNote?
  /// What `strays` and `repointed` were worked out from; nil if the configuration has changed since.
  var reach: Reach?
  /// The installations whose context means another cluster than the one that they were deployed on.
  var repointed: Set<InstallationName> = []
  /// Those that another context may lead to, while theirs fails or means another cluster.
  var strays: [InstallationName] = []
  /// The installations whose cluster was last looked for through other contexts.
  var astray: [InstallationName] = []
  /// The installations that were not deployed when the reason was last looked for.
  var askedMissing: Set<String> = []
  /// The state of the scale sets for which the newest request was made; nil if a new request is needed.
  var askedDesired: [ScaleSetKey]?
  var desiredNumber = 0
  var desiredAskedAt: Int64 = 0

  /// The properties of a scale set whose change requires another comparison with the configuration.
  struct ScaleSetKey: Sendable, Equatable {
    var settings: ScaleSetSettings
    var valuesDigest: String?
  }

  package init(
    place: ClusterPlace, followsChanges: Bool = true, identity: String? = nil, namespace: String? = nil
  ) {
    (self.place, self.followsChanges, self.identity) = (place, followsChanges, identity)
    self.namespace = namespace
  }

  /// This cluster and those that something is configured on.
  var knownPlaces: Set<ClusterPlace> { configuration.places.union([place]) }

  /// The cluster's contents, with the states of runners corrected that only appear busy or idle.
  package var judgedSnapshot: Snapshot? { corrected ?? snapshot }

  /// The cluster's contents when it was last read.
  package var snapshot: Snapshot? { observation?.snapshot }

  /// Whether the cluster responds.
  package var isFresh: Bool { observation?.cluster.isReady == true }

  /// Whether the snapshot is complete and current, so that an object that is not in it does not exist.
  package var isCurrent: Bool {
    guard let observation, observation.cluster.isReady, observation.staleSince == nil else { return false }
    return !observation.isSilent && (observation.trouble?.isCurrent ?? true)
  }

  package var missingTools: MissingTools { host?.missing ?? MissingTools() }

  /// Why nothing can be read from the cluster: an error that names all missing tools; nil if it can be read.
  package var toolProblem: EngineError? {
    guard case .toolMissing(let error)? = observation?.cluster else { return nil }
    return missingTools.problem ?? error
  }

  /// The estimated progress of a runner's job; nil if it has no job, or if too few similar jobs have run.
  ///
  /// - Parameter now: seconds since 1970.
  package func estimate(of runner: Runner, now: Int64) -> JobEstimate? {
    guard case .busy(let job) = runner.state else { return nil }
    let record = jobs[runner.name]
    guard let usual = durations.usual(record.map { job.merged(with: $0.job) } ?? job) else { return nil }
    return JobEstimate(usual, started: record?.started, now: now)
  }

  /// The input for the findings.
  package var circumstances: Circumstances {
    // Outdated data is judged as of the time it was received.
    var known = Circumstances(now: isFresh ? now : observation?.heardAt ?? now)
    known.configuration = configuration
    known.configurationProblem = configurationProblem
    known.cluster = observation?.cluster
    known.context = context
    known.identity = observation?.uid.map { ClusterIdentity(uid: $0, server: host?.server) }
    known.kept = kept
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

  /// The findings about an installation and those about all installations; every finding if `installation` is nil.
  package func findings(about installation: String?) -> [Finding] {
    findings.filter { installation == nil || $0.installation == nil || $0.installation == installation }
  }

  /// Whether a finding can appear without an event, because something is queued, starting or ending.
  package var awaits: Bool {
    queues.values.contains { $0.waiting > 0 }
      || statuses.contains { $0.counts.starting > 0 || $0.counts.finishing > 0 || $0.isTerminating }
      || statuses.contains { $0.scaleSets.contains { !$0.isRegistered } } || memory.hasPodless
      || listeners.values.contains { !$0.hasWorked }
  }
}
