/// Kubernetes events, indexed by the object they are about: with thousands of runners there are thousands of events,
/// and each starting runner looks up its own.
package struct KubeEvents: Sendable, Sequence, ExpressibleByArrayLiteral {
  private let all: [KubeEvent]
  /// The indices in `all` of warnings and failures, by runner.
  private let warnings: [String: [Int]]

  /// - Parameter events: oldest first.
  package init(_ events: [KubeEvent]) {
    all = events
    var warnings: [String: [Int]] = [:]
    for (place, event) in events.enumerated() where event.isWarning {
      warnings[Self.runner(event.object), default: []].append(place)
    }
    self.warnings = warnings
  }

  package init(arrayLiteral elements: KubeEvent...) { self.init(elements) }

  package func makeIterator() -> Array<KubeEvent>.Iterator { all.makeIterator() }

  /// The newest matching warning about a pod or one of its job pods.
  package func lastWarning(about pod: String, where isWanted: (KubeEvent) -> Bool) -> KubeEvent? {
    guard !warnings.isEmpty else { return nil }
    for place in (warnings[Self.runner(pod)] ?? []).reversed() {
      let event = all[place]
      if event.object.hasPrefix(pod), isWanted(event) { return event }
    }
    return nil
  }

  /// The runner that a pod belongs to: the runner's container hooks derive the names of job pods from it.
  private static func runner(_ object: String) -> String {
    if object.hasSuffix("-workflow") { return String(object.dropLast("-workflow".count)) }
    // By bytes: this runs for each starting runner on every change.
    let (bytes, step) = (object.utf8, "-step-".utf8)
    var at = bytes.startIndex
    while let dash = bytes[at...].firstIndex(of: UInt8(ascii: "-")) {
      if bytes[dash...].starts(with: step) { return String(object[..<dash]) }
      at = bytes.index(after: dash)
    }
    return object
  }
}
