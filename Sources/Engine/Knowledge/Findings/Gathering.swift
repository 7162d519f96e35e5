import Basics
import Installations
import Kubernetes

/// What findings need beyond what is watched: it is read when something looks odd.
package struct Gathering: Sendable {
  /// What Kubernetes reported.
  package var events: [KubeEvent] = []
  /// Why scale sets are not registered, as the controller's log says.
  package var registration: [String: EngineError] = [:]

  /// Reads it. What cannot be read is left out.
  ///
  /// - Parameter unregistered: the installations whose registration is to be looked for.
  package static func read(_ api: any KubernetesAPI, unregistered: [Installation]) async -> Gathering {
    var gathered = Gathering()
    gathered.events = (try? await KubeEvent.read(api, scaleSets: nil)) ?? []
    guard !unregistered.isEmpty else { return gathered }
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
    return gathered
  }
}
