/// What Kubernetes reported, found by the object it is about: with thousands of runners there are thousands of events,
/// and each starting runner asks for its own.
package struct KubeEvents: Sendable, Sequence, ExpressibleByArrayLiteral {
  private let all: [KubeEvent]
  /// The places in `all` of events of warning and failure, by runner.
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

  /// The newest warning about a pod, or about one of the pods of its job, that is asked for.
  package func lastWarning(about pod: String, where isWanted: (KubeEvent) -> Bool) -> KubeEvent? {
    guard !warnings.isEmpty else { return nil }
    for place in (warnings[Self.runner(pod)] ?? []).reversed() {
      let event = all[place]
      if event.object.hasPrefix(pod), isWanted(event) { return event }
    }
    return nil
  }

  /// The runner that a pod belongs to: the runner's container hooks name the pods of its job after it.
  private static func runner(_ object: String) -> String {
    if object.hasSuffix("-workflow") { return String(object.dropLast("-workflow".count)) }
    // By bytes: it is asked for each runner that starts, whenever anything changes.
    let (bytes, step) = (object.utf8, "-step-".utf8)
    var at = bytes.startIndex
    while let dash = bytes[at...].firstIndex(of: UInt8(ascii: "-")) {
      if bytes[dash...].starts(with: step) { return String(object[..<dash]) }
      at = bytes.index(after: dash)
    }
    return object
  }
}
