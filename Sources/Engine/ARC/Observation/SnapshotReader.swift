import Basics
import Kubernetes
import Tools

/// Reads snapshots of all namespaces, or of those that the credentials can read.
package struct SnapshotReader: Sendable {
  package let api: any KubernetesAPI
  private let places: NamespaceChoice

  /// Creates a reader for an API.
  package init(api: any KubernetesAPI, places: NamespaceChoice = NamespaceChoice()) {
    self.api = api
    self.places = places
  }

  /// Creates a reader for a toolbox, with its namespace restriction.
  package init(toolbox: Toolbox) throws(EngineError) { self.init(api: try toolbox.api(), places: toolbox.places) }

  /// Reads a snapshot: the lists are read concurrently.
  ///
  /// - Parameter now: the current time, in seconds since 1970.
  /// - Throws: `EngineError` if the cluster does not respond or denies all reads. Missing CRDs are not an error: ARC is
  ///   not installed.
  package func read(now: Int64) async throws -> Snapshot {
    let search = NamespaceSearch(api, places)
    async let controllers = find(ControllerState.self, .controllers, search)
    async let sets = find(ScaleSet.self, .scaleSets, search)
    async let runners = find(EphemeralRunner.self, .runners, search)
    async let ownPods = find(Pod.self, .pods, search)
    async let jobPods = find(Pod.self, .jobPods, search)
    async let controllerPods = find(Pod.self, .controllerPods, search)
    var pods = try await ownPods
    let found = try await (
      controllers: controllers, sets: sets, runners: runners, jobPods: jobPods, controllerPods: controllerPods
    )
    let controller = found.controllers.items.first
    pods = try await withListeners(pods, of: controller)
    var seen = ObservedPlaces(only: places.only)
    seen.note(.scaleSets, found.sets)
    seen.note(.runners, found.runners)
    seen.note(.pods, pods)
    seen.note(.jobPods, found.jobPods)
    seen.note(.controllerPods, found.controllerPods)
    seen.note(.controllers, found.controllers)
    seen.controllerNamespace = controller?.namespace
    if seen.isBlind, let refusal = seen.refusals.first { throw refusal.error }
    var snapshot = Snapshot(
      takenAt: now, controller: controller, scaleSets: found.sets.items, runners: found.runners.items,
      // A hook template can add labels to job pods.
      pods: pods.items.filter { $0.list == .pods } + found.jobPods.items.filter { $0.list == .jobPods }
        + found.controllerPods.items.filter { $0.list == .controllerPods })
    snapshot.limit(to: seen)
    snapshot.narrowedTo = places.only
    return snapshot
  }

  /// Reads only the scale sets.
  ///
  /// - Throws: as `read`.
  package func scaleSets(timeout: Duration = .seconds(20)) async throws -> [ScaleSet] {
    let found = try await find(ScaleSet.self, .scaleSets, NamespaceSearch(api, places), timeout: timeout)
    if found.places.isEmpty, let refusal = found.refusals.first { throw refusal.error }
    return found.items
  }

  /// Reads scale sets, the controller and the listeners' pods, but no runners.
  ///
  /// - Throws: as `read`.
  package func outline() async throws -> Snapshot {
    let search = NamespaceSearch(api, places)
    async let controllers = find(ControllerState.self, .controllers, search)
    async let found = find(ScaleSet.self, .scaleSets, search)
    let selector = PercentEncoding.escaped("app.kubernetes.io/component=runner-scale-set-listener")
    async let listeners = search.find(Pod.self, resource: "pods") {
      "\(ObservedKind.pods.path(in: $0))?labelSelector=\(selector)"
    }
    let sets = try await found
    if sets.places.isEmpty, let refusal = sets.refusals.first { throw refusal.error }
    var snapshot = Snapshot(
      takenAt: 0, controller: try await controllers.items.first, scaleSets: sets.items, runners: [],
      pods: try await listeners.items)
    var seen = ObservedPlaces(only: places.only)
    seen.note(.scaleSets, sets)
    snapshot.limits = seen.limits
    snapshot.narrowedTo = places.only
    return snapshot
  }

  /// Determines where each kind can be read, by requesting one object of each.
  ///
  /// - Throws: `EngineError` if the cluster does not respond or denies all reads.
  package func survey() async throws -> ObservedPlaces {
    let search = NamespaceSearch(api, places)
    async let controllers = find(ControllerState.self, .controllers, search)
    async let sets = find(ScaleSet.self, .scaleSets, search, limit: 1)
    async let runners = find(EphemeralRunner.self, .runners, search, limit: 1)
    async let ownPods = find(Pod.self, .pods, search, limit: 1)
    async let jobPods = find(Pod.self, .jobPods, search, limit: 1)
    async let controllerPods = find(Pod.self, .controllerPods, search, limit: 1)
    var seen = ObservedPlaces(only: places.only)
    seen.note(.scaleSets, try await sets)
    seen.note(.runners, try await runners)
    seen.note(.jobPods, try await jobPods)
    seen.note(.controllerPods, try await controllerPods)
    let found = try await controllers
    seen.note(.controllers, found)
    seen.controllerNamespace = found.items.first?.namespace
    seen.note(.pods, try await withListeners(try await ownPods, of: found.items.first))
    if seen.isBlind, let refusal = seen.refusals.first { throw refusal.error }
    return seen
  }

  /// Listeners are in the controller's namespace, which may not be among the namespaces that were read.
  private func withListeners(
    _ pods: Readable<Pod>, of controller: ControllerState?
  ) async throws -> Readable<Pod> {
    guard let namespace = controller?.namespace, !namespace.isEmpty, !pods.places.contains(nil),
      !pods.places.contains(namespace), !pods.refusals.contains(where: { $0.namespace == namespace })
    else { return pods }
    let more: Readable<Pod> = try await NamespaceSearch(api, places).find(
      Pod.self, resource: "pods", only: namespace, path: path(.pods, limit: nil))
    var all = pods
    all.items += more.items
    all.places += more.places
    all.refusals += more.refusals
    return all
  }

  private func find<Object: ScannedObject>(
    _ type: Object.Type, _ kind: ObservedKind, _ search: NamespaceSearch, limit: Int? = nil,
    timeout: Duration = .seconds(20)
  ) async throws -> Readable<Object> {
    try await search.find(
      type, resource: kind.resource, only: kind.place(only: places.only), timeout: timeout,
      path: path(kind, limit: limit))
  }

  private func path(_ kind: ObservedKind, limit: Int?) -> @Sendable (String?) -> String {
    let selector = kind.selector(only: places.only)
    return { namespace in
      let terms = [selector.map { "labelSelector=\($0)" }, limit.map { "limit=\($0)" }].compactMap { $0 }
      return kind.path(in: namespace) + (terms.isEmpty ? "" : "?" + terms.joined(separator: "&"))
    }
  }
}

extension ObservedPlaces {
  fileprivate mutating func note<Object>(_ kind: ObservedKind, _ found: Readable<Object>) {
    places[kind] = found.places
    refusals += found.refusals
  }
}

extension Snapshot {
  /// Records what the snapshot does not contain.
  mutating func limit(to places: ObservedPlaces) {
    limits = places.limits
    listenersProblem = places.hidesListeners ? places.refusals.first { $0.resource == "pods" }?.error : nil
  }
}
