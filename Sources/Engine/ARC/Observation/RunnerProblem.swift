import Basics
import Kubernetes

extension RunnerState {
  /// The problem that keeps a runner from working; nil if it works, is starting, or is being removed.
  ///
  /// A job and readiness come first: `failures` only counts earlier pods, as after two restarts of a node.
  static func problem(_ runner: EphemeralRunner, _ pod: Pod?) -> RunnerState? {
    guard runner.metadata.deleted == nil, runner.phase != "Succeeded" else { return nil }
    if let problem = phaseProblem(runner, pod) { return problem }
    guard let pod else {
      guard runner.failures >= 2, runner.job == nil, !runner.isReady else { return nil }
      return .failing(failed(runner.failures), code: "PodFailed")
    }
    if let problem = podProblem(pod, hasJob: runner.job != nil) { return problem }
    // A runner that was restarted with its node has one or two failures; one whose pods keep failing soon has more.
    guard runner.failures >= 3, runner.job == nil, !runner.isReady else { return nil }
    return .failing(failed(runner.failures) + lastEnd(pod), code: "PodFailed")
  }

  private static func failed(_ count: Int) -> String { "its pods failed \(count) times" }

  /// Problems reported by ARC: these phases are final.
  private static func phaseProblem(_ runner: EphemeralRunner, _ pod: Pod?) -> RunnerState? {
    switch runner.phase {
    case "Outdated": return .failing("GitHub refuses its runner version as outdated", code: "Outdated")
    case "Failed":
      let code = runner.reason ?? "Failed"
      let message = SafeText.line(runner.message ?? "")
      switch code {
      case "InvalidPod": return .failing("its pod was refused\(message.isEmpty ? "" : ": \(message)")", code: code)
      case "TooManyPodFailures": return .failing(failed(max(runner.failures, 1)) + lastEnd(pod), code: code)
      default: return .failing(message.isEmpty ? "failed (\(code))" : message, code: code)
      }
    default: return nil
    }
  }

  private static func podProblem(_ pod: Pod, hasJob: Bool) -> RunnerState? {
    if pod.phase == "Failed", let reason = pod.reason, !reason.isEmpty {
      let message = SafeText.line(pod.message ?? "")
      if reason == "Evicted" {
        return .failing("evicted: \(message.isEmpty ? "the node is short of resources" : message)", code: reason)
      }
      return .failing(message.isEmpty ? "the pod failed (\(reason))" : message, code: reason)
    }
    for container in pod.containers {
      switch container.activity {
      case .waiting(let reason, let message) where !hasJob:
        if let words = WaitingReason.problem(reason, message, container) { return .failing(words, code: reason) }
      case .terminated(_, "OOMKilled", _, _) where !hasJob || container.name == "runner":
        return .failing("out of memory", code: "OOMKilled")
      default: continue
      }
    }
    // The job's own result shows whether the job ended with its runner.
    if pod.phase == "Failed", !hasJob { return .failing("the pod failed\(lastEnd(pod))", code: "PodFailed") }
    return nil
  }

  private static func lastEnd(_ pod: Pod?) -> String {
    guard let runner = pod?.container("runner"), case .terminated(let code, _, _, _) = runner.activity else {
      return ""
    }
    return ", the last with exit code \(code)"
  }
}

/// The kubelet's reason why a container is waiting.
package enum WaitingReason {
  /// Reasons during normal startup. Every other one is a problem, whether known to deskrun or not.
  private static let ordinary: Set<String> = ["", "ContainerCreating", "PodInitializing", "Pulling"]

  /// Whether a container waiting for this reason needs attention.
  package static func isProblem(_ reason: String) -> Bool { !ordinary.contains(reason) }

  /// The problem in words, with the kubelet's message; nil for a container that is starting normally.
  package static func problem(_ reason: String, _ message: String?, _ container: ContainerState) -> String? {
    guard isProblem(reason) else { return nil }
    let words = SafeText.line(message ?? "")
    switch reason {
    case "ErrImagePull", "ImagePullBackOff":
      let failure = PullFailure(words, image: container.image)
      if failure.cause == .notFound { return "image not found: \(container.image)" }
      return "image \(container.image) cannot be pulled" + (failure.words.isEmpty ? "" : ": \(failure.words)")
    case "InvalidImageName": return "\(container.image) is not the name of an image"
    case "CrashLoopBackOff": return "its container \(container.name) keeps exiting"
    case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
      return "its container \(container.name) cannot be created" + (words.isEmpty ? "" : ": \(words)")
    default: return words.isEmpty ? "its container \(container.name) waits: \(reason)" : words
    }
  }
}
