import Basics

/// The parts of a pod that deskrun uses. A class, so that lists of thousands are copied and compared by reference.
package final class Pod: ScannedObject, Equatable {
  /// The purpose of a pod.
  package enum Role: Sendable, Equatable {
    /// Runs an ephemeral runner.
    case runner
    /// Listens to GitHub for a scale set.
    case listener
    /// ARC's controller.
    case controller
    /// Runs a job, or a step of one, for the runner with this name.
    case job(runner: String)
    /// None of these.
    case other
  }

  /// Name, age, scale set.
  package let metadata: ObjectMetadata
  /// Its purpose.
  package let role: Role
  /// `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`.
  package let phase: String
  /// The reason for the pod's status: `Evicted`, `NodeLost`, …
  package let reason: String?
  /// The reason as a sentence.
  package let message: String?
  /// The node it is on.
  package let node: String?
  /// Why the pod is unschedulable; nil if it is not.
  package let unschedulable: String?
  /// Its init containers, then its containers.
  package let containers: [ContainerState]
  /// Whether its node has stopped reporting: Kubernetes then marks the pod as not ready without a reason, and the
  /// states of its containers are out of date.
  package let isCutOff: Bool

  package init(_ scanner: inout JSONScanner) {
    var metadata = ObjectMetadata()
    var labels = RoleLabels()
    var status = PodStatus()
    var node: String?
    scanner.object { key, value in
      switch key {
      case "metadata": metadata = ObjectMetadata(&value) { labels.read($0, &$1) }
      case "spec":
        value.object { key, value in
          switch key {
          case "nodeName": node = value.string()
          default: break
          }
        }
      case "status": status = PodStatus(&value)
      default: break
      }
    }
    self.metadata = metadata
    self.node = node
    role = labels.role
    phase = status.phase
    reason = status.reason
    message = status.message
    unschedulable = status.unschedulable
    containers = status.initContainers + status.containers
    isCutOff =
      status.isUnreadyWithoutReason && phase == "Running" && !status.containers.isEmpty
      && status.containers.allSatisfy { $0.isReady && $0.isRunning }
  }

  /// Whether all properties read are equal.
  package static func == (a: Pod, b: Pod) -> Bool {
    a === b
      || (a.metadata == b.metadata && a.role == b.role && a.phase == b.phase && a.reason == b.reason
        && a.message == b.message && a.node == b.node && a.unschedulable == b.unschedulable
        && a.containers == b.containers && a.isCutOff == b.isCutOff)
  }

  /// The container with this name.
  package func container(_ name: String) -> ContainerState? { containers.first { $0.name == name } }
}

/// A container of a pod and its state.
package struct ContainerState: Sendable, Equatable {
  /// The state of a container.
  package enum Activity: Sendable, Equatable {
    /// Not started; the reason and message from Kubernetes.
    case waiting(reason: String, message: String?)
    /// Running, since a time.
    case running(since: Int64?)
    /// It has ended.
    case terminated(exitCode: Int, reason: String, message: String?, finished: Int64?)
    /// Not known yet.
    case unknown
  }

  package var name: String
  package var image: String
  /// Whether it is an init container.
  package var isInit: Bool
  /// Whether its probes report it as ready.
  package var isReady: Bool
  /// The number of restarts.
  package var restarts: Int
  package var isRunning: Bool { if case .running = activity { true } else { false } }
  /// Its state.
  package var activity: Activity

  package init(_ scanner: inout JSONScanner, isInit: Bool) {
    var (name, image, isReady, restarts, activity) = ("", "", false, 0, Activity.unknown)
    scanner.object { key, value in
      switch key {
      case "name": name = value.string() ?? ""
      case "image": image = value.string() ?? ""
      case "ready": isReady = value.bool() ?? false
      case "restartCount": restarts = value.amount() ?? 0
      case "state": activity = Activity(&value)
      default: break
      }
    }
    (self.name, self.image, self.isInit, self.isReady) = (name, image, isInit, isReady)
    (self.restarts, self.activity) = (restarts, activity)
  }
}

extension ContainerState.Activity {
  fileprivate init(_ scanner: inout JSONScanner) {
    var activity = Self.unknown
    scanner.object { key, value in
      var (reason, message, code) = ("", String?.none, 0)
      var (started, finished) = (Int64?.none, Int64?.none)
      func readDetails(_ value: inout JSONScanner) {
        value.object { key, value in
          switch key {
          case "reason": reason = value.string() ?? ""
          case "message": message = value.string()
          case "exitCode": code = value.amount(within: Int(Int32.min)...Int(Int32.max)) ?? 0
          case "startedAt": started = value.time()
          case "finishedAt": finished = value.time()
          default: break
          }
        }
      }
      switch key {
      case "waiting":
        readDetails(&value)
        activity = .waiting(reason: reason, message: message)
      case "running":
        readDetails(&value)
        activity = .running(since: started)
      case "terminated":
        readDetails(&value)
        activity = .terminated(exitCode: code, reason: reason, message: message, finished: finished)
      default: break
      }
    }
    self = activity
  }
}

/// The labels that determine a pod's role.
private struct RoleLabels {
  private var runnerOfJob: String?
  private var isRunner = false
  private var isListener = false
  private var isController = false

  package mutating func read(_ key: JSONScanner.Key, _ value: inout JSONScanner) {
    switch key {
    case "runner-pod": runnerOfJob = value.string()
    case "actions-ephemeral-runner": isRunner = value.string() == "True"
    case "app.kubernetes.io/component": isListener = value.string() == "runner-scale-set-listener"
    case "app.kubernetes.io/part-of": isController = value.string() == "gha-rs-controller"
    default: break
    }
  }

  package var role: Pod.Role {
    if let runnerOfJob { return .job(runner: runnerOfJob) }
    if isRunner { return .runner }
    if isListener { return .listener }
    return isController ? .controller : .other
  }
}

/// A pod's `status`.
private struct PodStatus {
  package var phase = ""
  package var reason: String?
  package var message: String?
  package var unschedulable: String?
  package var isUnreadyWithoutReason = false
  package var initContainers: [ContainerState] = []
  package var containers: [ContainerState] = []

  package init() {}

  package init(_ scanner: inout JSONScanner) {
    var status = PodStatus()
    scanner.object { key, value in
      switch key {
      case "phase": status.phase = value.string() ?? ""
      case "reason": status.reason = value.string()
      case "message": status.message = value.string()
      case "conditions": value.array { status.readCondition(&$0) }
      case "initContainerStatuses":
        value.array { status.initContainers.append(ContainerState(&$0, isInit: true)) }
      case "containerStatuses": value.array { status.containers.append(ContainerState(&$0, isInit: false)) }
      default: break
      }
    }
    self = status
  }

  /// Reads why the pod is unschedulable and whether it is not ready from its conditions.
  private mutating func readCondition(_ scanner: inout JSONScanner) {
    var (type, isFalse, reason, message) = ("", false, "", String?.none)
    scanner.object { key, value in
      switch key {
      case "type": type = value.string() ?? ""
      case "status": isFalse = value.string() == "False"
      case "reason": reason = value.string() ?? ""
      case "message": message = value.string()
      default: break
      }
    }
    guard isFalse else { return }
    switch type {
    case "PodScheduled": if unschedulable == nil { unschedulable = message }
    case "Ready": isUnreadyWithoutReason = reason.isEmpty
    default: break
    }
  }
}
