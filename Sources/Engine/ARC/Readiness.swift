import Basics

/// Whether a scale set can run jobs: the only definition, used by everything that reports or waits for "ready".
///
/// A scale set is ready when GitHub has registered it for the desired URL, the controller has processed its latest
/// generation, its current listener has had a session with GitHub for a cycle, and, if runners should wait for jobs, at
/// least one does. An id proves nothing: ARC 0.14 keeps the one of a former URL. Neither does a running listener: one
/// that cannot work ends within a second and is replaced every three.
package struct Readiness: Sendable, Equatable {
  /// How long a listener must live to be considered stable: slightly longer than the three seconds between the starts
  /// of two listeners that cannot work.
  package static let cycle: Duration = .seconds(4)

  /// What is missing, in the order in which it happens.
  package enum Awaited: Sendable, Equatable {
    /// The scale set does not exist, or is being deleted.
    case scaleSet
    /// The scale set is registered for this other URL.
    case otherURL(String)
    /// GitHub has not registered it yet: it has no id.
    case registration
    /// The controller has not processed its latest generation; its phase, which may be empty.
    case controller(phase: String)
    /// Its listener does not exist, or still belongs to an earlier generation.
    case listener
    /// The listener's pod is not running yet; the reason, if Kubernetes gives one.
    case listenerStart(reason: String?)
    /// The listener has no session with GitHub yet.
    case session
    /// The listener has had its session for less than a cycle.
    case cycle
    /// None of the runners that should wait for jobs is ready.
    case runner
  }

  /// The scale set; nil if it does not exist.
  package var scaleSet: ScaleSetFacts?
  /// Its listeners, including former ones.
  package var listeners: [ListenerFacts]
  /// The pods of its listeners.
  package var pods: [ListenerPodFacts]
  /// How long the current listener has had its session; nil if it has none.
  package var sessionAge: Duration?
  /// The number of its ready runners, including busy ones.
  package var readyRunners: Int

  package init(
    scaleSet: ScaleSetFacts?, listeners: [ListenerFacts] = [], pods: [ListenerPodFacts] = [],
    sessionAge: Duration? = nil, readyRunners: Int = 0
  ) {
    self.scaleSet = scaleSet
    self.listeners = listeners
    self.pods = pods
    self.sessionAge = sessionAge
    self.readyRunners = readyRunners
  }

  /// The listener for the scale set's current generation.
  package var listener: ListenerFacts? {
    guard let scaleSet else { return nil }
    return listeners.first { $0.belongs(to: scaleSet) }
  }

  /// The pod of the current listener; nil if it has none, or the pod is being deleted.
  package var listenerPod: ListenerPodFacts? {
    guard let listener else { return nil }
    return pods.first { !$0.isTerminating && $0.belongs(to: listener) }
  }

  /// What is missing next; nil if the scale set is ready.
  ///
  /// - Parameters:
  ///   - url: the GitHub URL it should serve.
  ///   - cycle: how long its listener must have had a session.
  package func awaited(url: String, cycle: Duration = Self.cycle) -> Awaited? {
    guard let scaleSet, !scaleSet.isTerminating else { return .scaleSet }
    guard Self.isSame(scaleSet.url, url) else { return .otherURL(scaleSet.url) }
    guard scaleSet.isRegistered else { return .registration }
    guard scaleSet.isSettled else { return .controller(phase: scaleSet.phase) }
    guard listener != nil else { return .listener }
    guard let pod = listenerPod, pod.isRunning else {
      return .listenerStart(reason: listenerPod.flatMap(\.waitingReason))
    }
    guard let sessionAge else { return .session }
    guard sessionAge >= cycle else { return .cycle }
    guard scaleSet.minimum == 0 || readyRunners > 0 else { return .runner }
    return nil
  }

  /// Whether two GitHub URLs are equal: GitHub ignores case.
  package static func isSame(_ a: String, _ b: String) -> Bool {
    func normal(_ url: String) -> Substring {
      var url = Substring(url.lowercased())
      while url.last == "/" { url.removeLast() }
      return url
    }
    return normal(a) == normal(b)
  }
}

/// The properties of a scale set that determine its readiness.
package struct ScaleSetFacts: Sendable, Equatable {
  package var name: String
  /// The GitHub URL it should serve.
  package var url: String
  /// Whether it has an id from GitHub.
  package var isRegistered: Bool
  /// `Pending`, `Running`, `Outdated`, or empty.
  package var phase: String
  /// Kubernetes' generation of the object.
  package var generation: Int?
  /// The last generation that the controller processed; nil before ARC 0.15.
  package var observedGeneration: Int?
  /// The number of runners that should wait for jobs.
  package var minimum: Int
  /// Maximum number of runners; nil for no limit.
  package var maximum: Int?
  /// The chart's hash of the deployed values, which ARC 0.14 copies to the listener.
  package var valuesHash: String?
  /// Whether it is being deleted.
  package var isTerminating: Bool

  /// Reads an AutoscalingRunnerSet.
  package init(_ object: JSONValue) {
    let (metadata, spec, status) = (object["metadata"], object["spec"], object["status"])
    name = metadata?["name"]?.stringValue ?? ""
    url = spec?["githubConfigUrl"]?.stringValue ?? ""
    isRegistered = metadata?["annotations"]?["runner-scale-set-id"]?.stringValue.map { !$0.isEmpty } ?? false
    phase = status?["phase"]?.stringValue ?? ""
    generation = metadata?["generation"]?.intValue
    observedGeneration = status?["observedGeneration"]?.intValue
    minimum = spec?["minRunners"]?.intValue ?? 0
    maximum = spec?["maxRunners"]?.intValue
    valuesHash = metadata?["annotations"]?[Self.hashKey]?.stringValue
    isTerminating = metadata?["deletionTimestamp"]?.stringValue != nil
  }

  static let hashKey = "actions.github.com/values-hash"

  /// Whether the controller has processed its latest generation. An empty phase tells nothing.
  var isSettled: Bool {
    if let observedGeneration, let generation, observedGeneration < generation { return false }
    return phase == "Running" || phase.isEmpty
  }
}

/// The properties of a listener (ARC's AutoscalingListener) that tell whether it is current.
package struct ListenerFacts: Sendable, Equatable {
  package var name: String
  package var uid: String
  package var url: String?
  package var minimum: Int?
  package var maximum: Int?
  package var valuesHash: String?
  package var isTerminating: Bool

  /// Reads an AutoscalingListener.
  package init(_ object: JSONValue) {
    let (metadata, spec) = (object["metadata"], object["spec"])
    name = metadata?["name"]?.stringValue ?? ""
    uid = metadata?["uid"]?.stringValue ?? ""
    url = spec?["githubConfigUrl"]?.stringValue
    minimum = spec?["minRunners"]?.intValue
    maximum = spec?["maxRunners"]?.intValue
    valuesHash = metadata?["annotations"]?[ScaleSetFacts.hashKey]?.stringValue
    isTerminating = metadata?["deletionTimestamp"]?.stringValue != nil
  }

  /// Whether it was created for the current generation of a scale set: otherwise the controller replaces it, shortly
  /// after the change. Fields that older ARC versions do not write are ignored.
  func belongs(to set: ScaleSetFacts) -> Bool {
    if isTerminating { return false }
    if let url, !Readiness.isSame(url, set.url) { return false }
    if let minimum, minimum != set.minimum { return false }
    if let maximum, let limit = set.maximum, maximum != limit { return false }
    if let valuesHash, let wanted = set.valuesHash, valuesHash != wanted { return false }
    return true
  }
}

/// The properties of a listener's pod that tell whether it works.
package struct ListenerPodFacts: Sendable, Equatable {
  package var name: String
  package var namespace: String
  package var uid: String
  /// The uid of the listener that owns it; nil if the pod has no owner.
  package var ownerUID: String?
  package var isTerminating: Bool
  /// Whether the listener's container is running.
  package var isRunning: Bool
  /// Why its container is not running yet: `ContainerCreating`, `ErrImagePull`, …
  package var waitingReason: String?
  /// The exit code of its container, if it has ended.
  package var exitCode: Int?

  /// The controller's name for the listener's container.
  package static let container = "listener"

  /// Reads a Pod.
  package init(_ object: JSONValue) {
    let metadata = object["metadata"]
    name = metadata?["name"]?.stringValue ?? ""
    namespace = metadata?["namespace"]?.stringValue ?? ""
    uid = metadata?["uid"]?.stringValue ?? ""
    ownerUID =
      metadata?["ownerReferences"]?.arrayValue?.first { $0["kind"] == "AutoscalingListener" }?["uid"]?.stringValue
    isTerminating = metadata?["deletionTimestamp"]?.stringValue != nil
    // Kubernetes sorts containers by name, and a values file may add others to the listener's pod.
    let state =
      object["status"]?["containerStatuses"]?.arrayValue?.first { $0["name"] == .string(Self.container) }?["state"]
    isRunning = state?["running"] != nil
    waitingReason = state?["waiting"]?["reason"]?.stringValue
    exitCode = state?["terminated"]?["exitCode"]?.intValue
  }

  func belongs(to listener: ListenerFacts) -> Bool {
    ownerUID.map { $0 == listener.uid || listener.uid.isEmpty } ?? (name == listener.name)
  }
}
