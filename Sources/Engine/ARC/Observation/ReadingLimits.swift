import Basics
import Kubernetes
import Tools

/// Where each kind is read, and which reads were denied.
package struct ObservedPlaces: Sendable, Equatable {
  /// Namespaces by kind; nil means all namespaces in one list.
  package var places: [ObservedKind: [String?]]
  package var refusals: [ReadingRefusal] = []
  /// The controller's namespace, if a controller was found.
  var controllerNamespace: String?

  /// Reads each kind in a single list.
  ///
  /// - Parameter only: the only namespace whose scale sets are requested; nil for all.
  package init(only: String?) {
    places = Dictionary(uniqueKeysWithValues: ObservedKind.allCases.map { ($0, [$0.place(only: only)]) })
  }

  /// Whether neither scale sets nor runners can be read.
  var isBlind: Bool { places[.scaleSets, default: []].isEmpty && places[.runners, default: []].isEmpty }

  /// Whether objects of a kind in a namespace are read.
  private func covers(_ kind: ObservedKind, _ namespace: String?) -> Bool {
    let read = places[kind, default: []]
    return read.contains(nil) || (namespace != nil && read.contains(namespace))
  }

  /// Whether the state of listeners is unknown: their pods are in the controller's namespace.
  var hidesListeners: Bool { !covers(.pods, controllerNamespace) }

  /// Whether the state of the controller is unknown.
  var hidesController: Bool { controllerNamespace == nil && !covers(.controllers, nil) }

  /// What the credentials do not permit deskrun to read; nil if nothing is missing.
  package var limits: ReadingLimits? {
    guard let first = refusals.first else { return nil }
    var limits = ReadingLimits(error: first.error)
    let sets = places[.scaleSets, default: []]
    limits.namespaces = sets.contains(nil) ? nil : sets.compactMap { $0 }
    for (kind, word) in [(ObservedKind.runners, "runners"), (.pods, "pods of runners"), (.jobPods, "pods of jobs")] {
      let hidden = sets.filter { !covers(kind, $0) }
      guard !hidden.isEmpty else { continue }
      limits.hidden.append(
        hidden.contains(nil) ? word : "\(word) in \(hidden.compactMap { $0 }.joined(separator: ", "))")
    }
    limits.hidesController = hidesController
    limits.hidesListeners = hidesListeners
    // A refusal may not hide anything, for example if a list of controllers is no longer needed.
    return limits.hasParts ? limits : nil
  }
}

/// What the credentials do not permit deskrun to read.
package struct ReadingLimits: Sendable, Equatable {
  /// The namespaces whose scale sets are visible; nil for all.
  package var namespaces: [String]?
  /// The hidden kinds in these namespaces, as text.
  package var hidden: [String] = []
  /// Whether it is unknown if a controller exists.
  package var hidesController = false
  /// Whether it is unknown which listeners run.
  package var hidesListeners = false
  /// The first refusal, with the cluster's message.
  package var error: EngineError

  package init(error: EngineError) { self.error = error }

  /// Whether anything is hidden.
  fileprivate var hasParts: Bool { namespaces != nil || !hidden.isEmpty || hidesController || hidesListeners }

  /// Everything that is hidden as one sentence, without a full stop.
  package var sentence: String {
    var parts: [String] = []
    if let namespaces {
      parts.append(
        namespaces.isEmpty
          ? "scale sets"
          : "scale sets outside of the namespace\(namespaces.count > 1 ? "s" : "") "
            + namespaces.joined(separator: ", "))
    }
    parts += hidden
    if hidesController { parts.append("the controller") }
    if hidesListeners { parts.append("listeners") }
    return parts.joined(separator: "; ") + ": not allowed to read: \(error.why ?? error.what)"
  }
}
