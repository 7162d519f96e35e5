import Basics
import Kubernetes

/// A runner: ARC's object and its pod, seen as one. It never changes: a change makes another object, so that who knew
/// thousands of them sees at once which are new.
package final class Runner: Sendable, Equatable {
  /// Its name, which the pod shares.
  package let name: String
  /// The scale set it belongs to.
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

  package init(_ runner: EphemeralRunner, pod: Pod?, jobPods: [Pod]) {
    name = runner.metadata.name
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
  }

  /// Whether nothing that is read of them differs.
  package static func == (a: Runner, b: Runner) -> Bool {
    a === b
      || (a.name == b.name && a.scaleSet == b.scaleSet && a.state == b.state && a.created == b.created
        && a.node == b.node && a.failures == b.failures && a.exit == b.exit && a.deleted == b.deleted
        && a.running == b.running && a.jobPods == b.jobPods)
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
  /// Its job is over, or it is being taken away.
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

  private static func hasEndedWell(_ pod: Pod?) -> Bool {
    if pod?.phase == "Succeeded" { return true }
    if case .terminated(0, _, _, _)? = pod?.container("runner")?.activity { return true }
    return false
  }

  private static func problem(_ runner: EphemeralRunner, _ pod: Pod?) -> RunnerState? {
    switch runner.phase {
    case "Outdated": return .failing("GitHub refuses its runner version as outdated", code: "Outdated")
    case "Failed":
      let code = runner.reason ?? "Failed"
      let message = SafeText.line(runner.message ?? "")
      switch code {
      case "InvalidPod": return .failing("its pod was refused\(message.isEmpty ? "" : ": \(message)")", code: code)
      case "TooManyPodFailures":
        return .failing("its pods failed \(max(runner.failures, 1)) times\(lastEnd(pod))", code: code)
      default: return .failing(message.isEmpty ? "failed (\(code))" : message, code: code)
      }
    default: break
    }
    guard let pod else {
      return runner.failures >= 2 ? .failing("its pods failed \(runner.failures) times", code: "PodFailed") : nil
    }
    if pod.reason == "Evicted" {
      return .failing("evicted: \(SafeText.line(pod.message ?? "the node is short of resources"))", code: "Evicted")
    }
    for container in pod.containers {
      if case .waiting(let reason, let message) = container.activity,
        let words = waitingProblem(reason, message, container)
      {
        return .failing(words, code: reason)
      }
      if case .terminated(_, "OOMKilled", _, _) = container.activity {
        return .failing("out of memory", code: "OOMKilled")
      }
    }
    if runner.failures >= 2 {
      return .failing("its pods failed \(runner.failures) times\(lastEnd(pod))", code: "PodFailed")
    }
    return nil
  }

  private static func waitingProblem(_ reason: String, _ message: String?, _ container: ContainerState) -> String? {
    switch reason {
    case "ErrImagePull", "ImagePullBackOff":
      let text = (message ?? "").lowercased()
      if text.contains("not found") || text.contains("manifest unknown") { return "image \(container.image) not found" }
      if text.contains("unauthorized") || text.contains("denied") || text.contains("forbidden") {
        return "image \(container.image) may not be read"
      }
      return "image \(container.image) cannot be pulled"
    case "InvalidImageName": return "\(container.image) is not the name of an image"
    case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
      return "its container \(container.name) cannot be made\(message.map { ": \(SafeText.line($0))" } ?? "")"
    case "CrashLoopBackOff": return "its container \(container.name) ends again and again"
    default: return nil
    }
  }

  private static func lastEnd(_ pod: Pod?) -> String {
    guard let runner = pod?.container("runner"), case .terminated(let code, _, _, _) = runner.activity else {
      return ""
    }
    return ", the last with exit code \(code)"
  }

  /// Which step of starting a runner is at.
  private static func step(_ runner: EphemeralRunner, _ pod: Pod?) -> String {
    guard let pod else { return runner.failures > 0 ? "waiting to try again" : "being made" }
    if let message = pod.unschedulable { return "no node takes it: \(SafeText.line(message))" }
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
