import Basics

/// When a scale set can take jobs. The one definition that everything goes by which says "ready" or waits for it.
///
/// A scale set is ready when GitHub registered it for the URL that is wanted, the controller has dealt with its newest
/// form, its current listener has its session with GitHub and keeps it for a cycle, and, where runners are to wait for
/// jobs, at least one does. An id alone proves nothing: ARC 0.14 keeps that of a former URL. A running listener does not
/// either: one that cannot work ends within a second and is replaced every three.
package struct Readiness: Sendable, Equatable {
  /// How long a listener must live to be known for one that does not end at once: a little more than the three seconds
  /// from the start of one that cannot work to the start of the next.
  package static let cycle: Duration = .seconds(4)

  /// What is still missing, in the order in which it comes about.
  package enum Awaited: Sendable, Equatable {
    /// The scale set does not exist, or is being deleted.
    case scaleSet
    /// The scale set is registered for another URL, this one.
    case otherURL(String)
    /// GitHub has not registered it: it has no id.
    case registration
    /// The controller has not dealt with its newest form; its phase, which may be empty.
    case controller(phase: String)
    /// Its listener does not exist, or is still the one of a former form.
    case listener
    /// The listener's pod does not run yet; why, where Kubernetes says so.
    case listenerStart(reason: String?)
    /// The listener has not got its session with GitHub.
    case session
    /// The listener has its session, and not yet for a whole cycle.
    case cycle
    /// None of the runners that are to wait for jobs is ready.
    case runner
  }

  /// The scale set; nil when there is none.
  package var scaleSet: ScaleSetFacts?
  /// Its listeners, former ones included.
  package var listeners: [ListenerFacts]
  /// The pods of its listeners.
  package var pods: [ListenerPodFacts]
  /// For how long the current listener has had its session; nil when it has none.
  package var sessionAge: Duration?
  /// Its runners that are ready, busy ones included.
  package var readyRunners: Int

  /// Describes what was seen.
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

  /// The listener of the scale set's present form.
  package var listener: ListenerFacts? {
    guard let scaleSet else { return nil }
    return listeners.first { $0.belongs(to: scaleSet) }
  }

  /// The pod of the current listener; nil when it has none, or that one is being deleted.
  package var listenerPod: ListenerPodFacts? {
    guard let listener else { return nil }
    return pods.first { !$0.isTerminating && $0.belongs(to: listener) }
  }

  /// What is missing next; nil when the scale set is ready.
  ///
  /// - Parameters:
  ///   - url: the GitHub URL it is to serve.
  ///   - cycle: how long its listener must have had its session.
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

  /// Whether two GitHub URLs mean the same: GitHub does not tell letters by their case.
  package static func isSame(_ a: String, _ b: String) -> Bool {
    func normal(_ url: String) -> Substring {
      var url = Substring(url.lowercased())
      while url.last == "/" { url.removeLast() }
      return url
    }
    return normal(a) == normal(b)
  }
}

/// What of a scale set decides whether it is ready.
package struct ScaleSetFacts: Sendable, Equatable {
  package var name: String
  /// The GitHub URL it is to serve.
  package var url: String
  /// Whether it has an id from GitHub.
  package var isRegistered: Bool
  /// `Pending`, `Running`, `Outdated`, or empty.
  package var phase: String
  /// Kubernetes' number of its newest form.
  package var generation: Int?
  /// The form that the controller dealt with last; nil before ARC 0.15.
  package var observedGeneration: Int?
  /// Runners that are to wait for jobs.
  package var minimum: Int
  /// Runners at most; nil for no limit.
  package var maximum: Int?
  /// The chart's hash of the values it was deployed with, which ARC 0.14 copies to the listener.
  package var valuesHash: String?
  /// Whether its deletion was asked for.
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

  /// Whether the controller has dealt with its newest form. An empty phase says nothing.
  var isSettled: Bool {
    if let observedGeneration, let generation, observedGeneration < generation { return false }
    return phase == "Running" || phase.isEmpty
  }
}

/// What of a listener (ARC's AutoscalingListener) decides whether it is the current one.
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

  /// Whether it was made for the present form of a scale set: the controller replaces one that was not, a moment after
  /// the change. What an older ARC does not write decides nothing.
  func belongs(to set: ScaleSetFacts) -> Bool {
    if isTerminating { return false }
    if let url, !Readiness.isSame(url, set.url) { return false }
    if let minimum, minimum != set.minimum { return false }
    if let maximum, let limit = set.maximum, maximum != limit { return false }
    if let valuesHash, let wanted = set.valuesHash, valuesHash != wanted { return false }
    return true
  }
}

/// What of a listener's pod decides whether it works.
package struct ListenerPodFacts: Sendable, Equatable {
  package var name: String
  package var namespace: String
  package var uid: String
  /// The listener that owns it, by its uid; nil when the pod does not say so.
  package var ownerUID: String?
  package var isTerminating: Bool
  /// Whether the listener's container runs.
  package var isRunning: Bool
  /// Why its container does not run yet: `ContainerCreating`, `ErrImagePull`, …
  package var waitingReason: String?
  /// The exit code of its container, when that has ended.
  package var exitCode: Int?

  /// The name that the controller gives the listener's container.
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
    // Kubernetes lists containers by their names, and a values file may put others beside the listener.
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
