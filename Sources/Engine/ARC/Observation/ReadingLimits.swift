import Basics
import Kubernetes
import Tools

/// Where each kind is read, and what was refused.
package struct ObservedPlaces: Sendable, Equatable {
  /// Namespaces by kind; nil among them stands for all at once.
  package var places: [ObservedKind: [String?]]
  package var refusals: [ReadingRefusal] = []
  /// The namespace of the controller, where one was found.
  var controllerNamespace: String?

  /// Everything is read at once, as far as that is wanted.
  ///
  /// - Parameter only: the one namespace whose scale sets are wanted; nil for all.
  package init(only: String?) {
    places = Dictionary(uniqueKeysWithValues: ObservedKind.allCases.map { ($0, [$0.place(only: only)]) })
  }

  /// Whether nothing at all can be read of what matters.
  var isBlind: Bool { places[.scaleSets, default: []].isEmpty && places[.runners, default: []].isEmpty }

  /// Whether objects of a kind in a namespace are among what is read.
  private func covers(_ kind: ObservedKind, _ namespace: String?) -> Bool {
    let read = places[kind, default: []]
    return read.contains(nil) || (namespace != nil && read.contains(namespace))
  }

  /// Whether it is unknown which listeners run: their pods are in the controller's namespace.
  var hidesListeners: Bool { !covers(.pods, controllerNamespace) }

  /// Whether nothing can be said of the controller.
  var hidesController: Bool { controllerNamespace == nil && !covers(.controllers, nil) }

  /// What the credentials do not let deskrun see; nil where that is nothing.
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
    // Where a refusal hides nothing, as of a list of controllers that is not needed any more, there is nothing to tell.
    return limits.hasParts ? limits : nil
  }
}

/// What the rights of the credentials do not let deskrun see.
package struct ReadingLimits: Sendable, Equatable {
  /// The namespaces in which scale sets can be seen; nil for all.
  package var namespaces: [String]?
  /// What of them cannot be seen, in words.
  package var hidden: [String] = []
  /// Whether it is unknown if there is a controller.
  package var hidesController = false
  /// Whether it is unknown which listeners run.
  package var hidesListeners = false
  /// The first refusal, in the cluster's words.
  package var error: EngineError

  package init(error: EngineError) { self.error = error }

  /// Whether anything cannot be seen.
  fileprivate var hasParts: Bool { namespaces != nil || !hidden.isEmpty || hidesController || hidesListeners }

  /// What cannot be seen, once for all resources, without a full stop.
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
