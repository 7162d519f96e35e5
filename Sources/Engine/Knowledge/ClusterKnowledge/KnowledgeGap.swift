import ARC
import Basics
import Kubernetes
import Tools

/// Something that could not be determined, and must not be mistaken for healthy.
package enum KnowledgeGap: Sendable, Equatable {
  /// The objects of the cluster cannot be read.
  case objects(EngineError)
  /// What the credentials do not permit deskrun to read, for all resources.
  case rights(ReadingLimits)
  /// The state of listeners: their pods, which are in the controller's namespace, cannot be read.
  case listeners(EngineError)
  /// The queued jobs: the listener's log cannot be read.
  case listener(scaleSet: String, EngineError)
  /// The queued jobs: the listener has not reported yet; `since` is its start in seconds since 1970.
  case silentListener(scaleSet: String, since: Int64?)
  /// Whether the listener works: it is new and has not had a session for long enough; `created` is its creation time in
  /// seconds since 1970, if it exists.
  case unsettledListener(scaleSet: String, installation: String, created: Int64?)
  /// Whether the scale set can be registered: it is new.
  case registration(scaleSet: String)
  /// The events of Kubernetes cannot be read.
  case events(EngineError)
  /// The controller's log, with reasons why scale sets are not registered, cannot be read.
  case controllerLog(EngineError)
  /// Why runners exit too early or fail.
  case runners(scaleSet: String)
  /// Whether the node has all configured folders mounted.
  case mounts(EngineError)

  /// The gap as a sentence without a full stop.
  ///
  /// - Parameter now: seconds since 1970.
  package func sentence(now: Int64) -> String {
    func why(_ error: EngineError) -> String { error.why.map { "\(error.what): \($0)" } ?? error.what }
    let text =
      switch self {
      case .objects(let error): "objects in the cluster: \(why(error))"
      case .rights(let limits): limits.sentence
      case .listeners(let error): "listeners: the pods in the controller's namespace cannot be read: \(why(error))"
      case .listener(let set, let error): "queued jobs of \(set): the log of its listener cannot be read: \(why(error))"
      case .silentListener(let set, let since):
        "queued jobs of \(set): its listener has not reported any yet"
          + (since.map { ", it started \(DurationText.short(seconds: max(0, now - $0))) ago" } ?? "")
      case .unsettledListener(let set, let installation, let created):
        "the listener of \(set) "
          + (created.map { "is \(DurationText.short(seconds: max(0, now - $0))) old and has not kept a session yet" }
            ?? "does not run yet")
          + ": `deskrun why \(installation) --wait` watches it"
      case .registration(let set): "\(set): registration with GitHub is in progress"
      case .events(let error): "events of the cluster: \(why(error))"
      case .controllerLog(let error): "the controller's log: \(why(error))"
      case .runners(let set): "\(set): why its runners end or fail was not seen in the time available"
      case .mounts(let error): "mounts of the node: \(why(error))"
      }
    return SafeText.line(text)
  }
}

extension ClusterKnowledge {
  /// The gaps of an installation and general ones; all gaps if it is nil.
  package func gaps(about installation: String? = nil) -> [KnowledgeGap] {
    var gaps: [KnowledgeGap] = []
    if let unread { gaps.append(.objects(unread)) }
    guard isFresh else { return gaps }
    guard let snapshot else {
      return unread == nil ? gaps + [.objects(EngineError(.unreachable, "not read yet"))] : gaps
    }
    if let limits = snapshot.limits {
      gaps.append(.rights(limits))
    } else if let error = snapshot.listenersProblem {
      gaps.append(.listeners(error))
    }
    if let error = host?.mountsProblem { gaps.append(.mounts(error)) }
    // Missing permissions are already included in the limits.
    func isTold(_ error: EngineError) -> Bool { snapshot.limits != nil && error.isForbidden }
    if let error = gathered.eventsProblem, !isTold(error) { gaps.append(.events(error)) }
    if let error = gathered.controllerProblem, !isTold(error) { gaps.append(.controllerLog(error)) }
    let unsettled = Set(unsettled)
    let unsettledListeners = Set(unsettledListeners)
    for status in statuses where installation == nil || status.name == installation {
      guard status.installation != nil || status.isForeign else { continue }
      let isExplained = findings.contains { $0.installation == status.name && $0.severity == .bad }
      for set in status.scaleSets {
        let name = set.id
        if unsettled.contains(name) { gaps.append(.runners(scaleSet: name)) }
        guard !isExplained else { continue }
        if !set.isRegistered {
          gaps.append(.registration(scaleSet: name))
        } else if unsettledListeners.contains(name) {
          gaps.append(
            .unsettledListener(scaleSet: name, installation: status.name, created: listeners[name]?.created))
        } else if let error = unheard[name], isTold(error) {
          continue
        } else if let error = unheard[name] {
          gaps.append(.listener(scaleSet: name, error))
        } else if queues[name] == nil, snapshot.listeners[name] == .running,
          let pod = snapshot.listenerPod(of: name)
        {
          gaps.append(.silentListener(scaleSet: name, since: pod.metadata.created))
        }
      }
    }
    return gaps
  }
}
