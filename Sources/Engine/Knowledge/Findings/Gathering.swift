import ARC
import Basics
import Installations
import Kubernetes

/// What findings need beyond what is watched: it is read when something looks odd.
package struct Gathering: Sendable {
  /// What Kubernetes reported.
  package var events: [KubeEvent] = []
  /// Why scale sets are not registered, as the controller's log says.
  package var registration: [String: EngineError] = [:]
  /// What keeps the controller from creating listeners and runners, by scale set.
  package var refusals: [String: [ControllerRefusal]] = [:]
  /// What the logs of runners that wait for a job say, in the order in which they say it.
  package var hints: [(target: LogRecorder.Target, hint: LogHint)] = []

  /// The most logs of idle runners that are read at once.
  private static let idleLimit = 12

  /// Reads it. What cannot be read is left out.
  ///
  /// - Parameters:
  ///   - unregistered: the installations whose registration is to be looked for.
  ///   - unexplained: the scale sets of which only the controller can tell why they lack a listener or a pod.
  ///   - idle: runners that wait for a job, whose logs are read too.
  package static func read(
    _ api: any KubernetesAPI, unregistered: [Installation], unexplained: [String] = [],
    idle: [LogRecorder.Target] = []
  ) async -> Gathering {
    var gathered = Gathering()
    gathered.events = (try? await KubeEvent.read(api, scaleSets: nil)) ?? []
    for target in idle.prefix(idleLimit) {
      let request = LogRequest(pod: target.runner, namespace: target.namespace, container: "runner", tail: 30)
      guard let bytes = try? await api.get(request.path, timeout: .seconds(5)) else { continue }
      gathered.hints += bytes.split(separator: 0x0A).compactMap(LogHint.find).map { (target, $0) }
    }
    guard !unregistered.isEmpty || !unexplained.isEmpty else { return gathered }
    let follower = LogFollower(api: api)
    guard let pod = (try? await follower.pods(of: .controller))?.last else { return gathered }
    let request = LogRequest(
      pod: pod.metadata.name, namespace: pod.metadata.namespace, container: "manager", tail: 2000)
    guard let bytes = try? await api.get(request.path, timeout: .seconds(15)) else { return gathered }
    let log = String(decoding: bytes, as: UTF8.self)
    for installation in unregistered {
      for set in installation.scaleSets {
        if let problem = ControllerLog.registrationProblem(log: log, scaleSet: set.name, target: installation.target) {
          gathered.registration[set.name] = problem
        }
      }
    }
    for set in unexplained {
      let refusals = ControllerLog.refusals(log: log, scaleSet: set)
      if !refusals.isEmpty { gathered.refusals[set] = refusals }
    }
    return gathered
  }
}

extension Snapshot {
  /// The registered scale sets of which only the controller's log can tell why something is missing: they have no
  /// listener, or a runner to which ARC has given neither a status nor a pod.
  package var unexplained: [String] {
    let bare = Set(runners.filter { $0.isBare && $0.deleted == nil }.map(\.scaleSet))
    return scaleSets.filter { $0.isRegistered && $0.metadata.deleted == nil }.map(\.metadata.name).filter {
      bare.contains($0) || listeners[$0] == nil
    }
  }
}
