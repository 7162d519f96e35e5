import Basics
import Kubernetes

/// A runner: ARC's object joined with its pod. Immutable: a change creates a new instance, so changed runners are found
/// by comparing references, even among thousands.
package final class Runner: Sendable, Equatable {
  /// The name of the object and the pod.
  package let name: String
  /// The namespace of the object and the pod.
  package let namespace: String
  /// The `ScaleSetID` of its scale set.
  package let scaleSet: String
  package let state: RunnerState
  /// The sort order of its state in lists, most relevant first: busy, finishing, idle, starting, failing.
  package let rank: UInt8
  /// The creation time, in seconds since 1970.
  package let created: Int64?
  /// The node of its pod.
  package let node: String?
  /// The number of its pods that failed.
  package let failures: Int
  /// How its container exited, if it did.
  package let exit: RunnerExit?
  /// When its deletion was requested, if it was, in seconds since 1970.
  package let deleted: Int64?
  /// When its pod started to run, in seconds since 1970.
  package let running: Int64?
  /// The pods of its job, if the job has its own pods.
  package let jobPods: [Pod]
  /// The job that ARC assigned to it, also while finishing or failing: a runner that died keeps its job in the object
  /// until GitHub gives up on the job.
  package let assignedJob: Job?
  package let hasPod: Bool
  /// Whether ARC has not set its status and not created a pod: briefly after its creation, or as long as GitHub refuses
  /// a configuration for it.
  package let isBare: Bool

  package init(_ runner: EphemeralRunner, pod: Pod?, jobPods: [Pod]) {
    name = runner.metadata.name
    namespace = runner.metadata.namespace
    scaleSet = runner.metadata.scaleSet ?? ""
    state = RunnerState(runner, pod: pod)
    rank = state.rank
    created = runner.metadata.created
    node = pod?.node
    failures = runner.failures
    exit = RunnerExit(pod)
    deleted = runner.metadata.deleted
    if case .running(let since)? = pod?.container("runner")?.activity { running = since } else { running = nil }
    self.jobPods = jobPods
    assignedJob = runner.job
    hasPod = pod != nil
    isBare = pod == nil && runner.phase.isEmpty && runner.failures == 0
  }

  /// A copy with another state, which was determined from something other than object and pod.
  package init(_ runner: Runner, state: RunnerState) {
    (name, namespace, scaleSet) = (runner.name, runner.namespace, runner.scaleSet)
    (created, node) = (runner.created, runner.node)
    (failures, exit, deleted, running) = (runner.failures, runner.exit, runner.deleted, runner.running)
    (jobPods, assignedJob, hasPod, isBare) = (runner.jobPods, runner.assignedJob, runner.hasPod, runner.isBare)
    self.state = state
    rank = state.rank
  }

  /// Its identity: names are unique only within a namespace.
  var key: ObjectKey { ObjectKey(name, namespace) }

  /// Whether it has a job, or had one and still has the pod with the job's log.
  package var keepsLogOfJob: Bool {
    if case .busy = state { return true }
    return assignedJob != nil && hasPod
  }

  /// Whether all properties are equal.
  package static func == (a: Runner, b: Runner) -> Bool {
    a === b
      || (a.name == b.name
        && a.namespace == b.namespace && a.scaleSet == b.scaleSet && a.state == b.state && a.created == b.created
        && a.node == b.node && a.failures == b.failures && a.exit == b.exit && a.deleted == b.deleted
        && a.running == b.running && a.jobPods == b.jobPods && a.assignedJob == b.assignedJob
        && a.hasPod == b.hasPod && a.isBare == b.isBare)
  }
}

/// What a runner is doing.
package enum RunnerState: Sendable, Equatable {
  /// The pod or the registration is in progress; the value is the current step.
  case starting(String)
  /// Registered and waiting for a job.
  case idle
  case busy(Job)
  /// Its job is complete, or it is being deleted.
  case finishing
  /// Will not recover without intervention; the reason, and Kubernetes' or ARC's code for it.
  case failing(String, code: String)

  package var rank: UInt8 {
    switch self {
    case .busy: 0
    case .finishing: 1
    case .idle: 2
    case .starting: 3
    case .failing: 4
    }
  }

  /// The state in one word.
  package var word: String {
    switch self {
    case .starting: "starting"
    case .idle: "idle"
    case .busy: "busy"
    case .finishing: "finishing"
    case .failing: "failing"
    }
  }

  package init(_ runner: EphemeralRunner, pod: Pod?) {
    if let problem = Self.problem(runner, pod) {
      self = problem
    } else if runner.metadata.deleted != nil || runner.phase == "Succeeded" || Self.hasEndedWell(pod) {
      self = .finishing
    } else if let job = runner.job {
      self = .busy(job)
    } else if pod?.isCutOff == true {
      self = .failing("its node \(pod?.node ?? "") does not respond", code: Self.nodeLost)
    } else if runner.isReady {
      // The phase is not reliable: up to ARC 0.14 it is "Running" with and without a job, since 0.15 "Pending" until
      // there is a job, and a 0.15 controller leaves the phase written by a 0.14 controller.
      self = .idle
    } else if runner.phase == "Running" {
      self = .starting("registering")
    } else {
      self = .starting(Self.step(runner, pod))
    }
  }

  /// The code of runners on a lost node, which are reported as one problem.
  package static let nodeLost = "NodeLost"

  private static func hasEndedWell(_ pod: Pod?) -> Bool {
    if pod?.phase == "Succeeded" { return true }
    if case .terminated(0, _, _, _)? = pod?.container("runner")?.activity { return true }
    return false
  }

  /// The current step of starting a runner.
  private static func step(_ runner: EphemeralRunner, _ pod: Pod?) -> String {
    guard let pod else { return runner.failures > 0 ? "waiting to try again" : "being created" }
    if let message = pod.unschedulable { return "unschedulable: \(SafeText.line(message))" }
    guard pod.node != nil else { return "waiting for a node" }
    for container in pod.containers {
      switch container.activity {
      case .waiting(let reason, _) where reason == "PodInitializing": continue
      case .waiting(let reason, _):
        return reason == "Pulling" ? "pulling its image" : "creating its containers"
      case .running where container.isInit && !container.isReady: return "preparing (\(container.name))"
      default: continue
      }
    }
    return pod.phase == "Running" ? "registering" : "creating its containers"
  }
}
