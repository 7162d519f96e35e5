import Basics
import Kubernetes

/// A runner: ARC's object and its pod, seen as one. It never changes: a change makes another object, so that who knew
/// thousands of them sees at once which are new.
package final class Runner: Sendable, Equatable {
  /// Its name, which the pod shares.
  package let name: String
  /// The namespace of the object and of its pod.
  package let namespace: String
  /// The scale set it belongs to, by its `ScaleSetID`.
  package let scaleSet: String
  /// What it does.
  package let state: RunnerState
  /// Where its state stands in lists, those to look at first: busy, finishing, idle, starting, failing.
  package let rank: UInt8
  /// When it was made.
  package let created: Int64?
  /// The node it is on.
  package let node: String?
  /// How many of its pods have failed.
  package let failures: Int
  /// How its container ended, when it has.
  package let exit: RunnerExit?
  /// When its deletion was asked for, if it was.
  package let deleted: Int64?
  /// When its pod began to run.
  package let running: Int64?
  /// The pods that run its job, when the job has pods of its own.
  package let jobPods: [Pod]
  /// The job that ARC gave it, also while it is finishing or failing: a runner that died keeps its job in the object
  /// until GitHub gives the job up.
  package let assignedJob: Job?
  /// Whether it has a pod.
  package let hasPod: Bool
  /// Whether ARC has not given it a status nor a pod yet: for a moment after its creation, and for as long as GitHub
  /// refuses a configuration for it.
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

  /// The same runner in a state that its object and pod do not tell.
  package init(_ runner: Runner, state: RunnerState) {
    (name, namespace, scaleSet) = (runner.name, runner.namespace, runner.scaleSet)
    (created, node) = (runner.created, runner.node)
    (failures, exit, deleted, running) = (runner.failures, runner.exit, runner.deleted, runner.running)
    (jobPods, assignedJob, hasPod, isBare) = (runner.jobPods, runner.assignedJob, runner.hasPod, runner.isBare)
    self.state = state
    rank = state.rank
  }

  /// What tells it apart from a runner of another namespace.
  var key: ObjectKey { ObjectKey(name, namespace) }

  /// Whether it has a job, or had one and still has the pod with the log of it.
  package var keepsLogOfJob: Bool {
    if case .busy = state { return true }
    return assignedJob != nil && hasPod
  }

  /// Whether nothing that is read of them differs.
  package static func == (a: Runner, b: Runner) -> Bool {
    a === b
      || (a.name == b.name
        && a.namespace == b.namespace && a.scaleSet == b.scaleSet && a.state == b.state && a.created == b.created
        && a.node == b.node && a.failures == b.failures && a.exit == b.exit && a.deleted == b.deleted
        && a.running == b.running && a.jobPods == b.jobPods && a.assignedJob == b.assignedJob
        && a.hasPod == b.hasPod && a.isBare == b.isBare)
  }
}

/// What a runner does, in words a person can act on.
package enum RunnerState: Sendable, Equatable {
  /// Pod or registration under way; which step.
  case starting(String)
  /// Registered, waits for a job.
  case idle
  /// Has a job.
  case busy(Job)
  /// Its job is over, or it is being deleted.
  case finishing
  /// Will not get better by itself; why, and Kubernetes' or ARC's own word for it.
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
      // The phase says nothing of it: up to ARC 0.14 it is "Running" with and without a job, from 0.15 on "Pending"
      // until there is one, and what a controller of 0.14 wrote is left alone by one of 0.15.
      self = .idle
    } else if runner.phase == "Running" {
      self = .starting("registering")
    } else {
      self = .starting(Self.step(runner, pod))
    }
  }

  /// The code of runners whose node is lost, which is one matter for all of them.
  package static let nodeLost = "NodeLost"

  private static func hasEndedWell(_ pod: Pod?) -> Bool {
    if pod?.phase == "Succeeded" { return true }
    if case .terminated(0, _, _, _)? = pod?.container("runner")?.activity { return true }
    return false
  }

  /// Which step of starting a runner is at.
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
