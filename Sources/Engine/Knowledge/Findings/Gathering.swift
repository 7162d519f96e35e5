import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// What to read in addition to what is watched.
package struct GatheringRequest: Sendable, Equatable {
  /// The unregistered scale sets to look up in the controller's log, with their targets.
  package var unregistered: [String: GitHubTarget] = [:]
  /// The scale sets whose missing listener or pod only the controller's log can explain.
  package var unexplained: [String] = []
  /// Idle runners, whose logs show whether they are still registered with GitHub.
  package var idle: [LogRecorder.Target] = []
  /// The namespaces whose events to read.
  package var namespaces = [ClusterTarget.namespace]
  /// Whether to read events.
  package var needsEvents = true

  /// Whether to read the controller's log.
  var needsController: Bool { !unregistered.isEmpty || !unexplained.isEmpty }
}

/// Additional information for findings, read when something looks wrong.
package struct Gathering: Sendable {
  /// The events of Kubernetes.
  package var events: KubeEvents = []
  /// Why scale sets are not registered, according to the controller's log.
  package var registration: [String: RegistrationProblem] = [:]
  /// What prevents the controller from creating listeners and runners, by scale set.
  package var refusals: [String: [ControllerRefusal]] = [:]
  /// The hints in the logs of idle runners, in the order of the log lines.
  package var hints: [(target: LogRecorder.Target, hint: LogHint)] = []
  /// The request.
  package var request = GatheringRequest()
  /// Why the events cannot be read.
  package var eventsProblem: EngineError?
  /// Why the controller's log cannot be read.
  package var controllerProblem: EngineError?

  /// Creates an empty result.
  package init() {}

  /// Creates a result from the controller's log.
  ///
  /// - Parameter log: in any of its formats, with or without kubectl's timestamps.
  package init(log: String, request: GatheringRequest) {
    self.request = request
    take(log)
  }

  private mutating func take(_ log: String) {
    let lines = ControllerLog.lines(of: log)
    for (set, target) in request.unregistered {
      registration[set] = ControllerLog.registration(lines: lines, scaleSet: set, target: target)
    }
    for set in request.unexplained {
      let refusals = ControllerLog.refusals(lines: lines, scaleSet: set)
      if !refusals.isEmpty { self.refusals[set] = refusals }
    }
  }

  /// The maximum number of idle runners' logs to read at once.
  private static let idleLimit = 12

  /// Reads everything concurrently.
  package static func read(
    _ api: any KubernetesAPI, _ request: GatheringRequest, timeout: Duration = .seconds(15)
  ) async -> Gathering {
    async let events = result {
      request.needsEvents ? try await KubeEvent.read(api, in: request.namespaces, timeout: timeout) : []
    }
    async let log = result { request.needsController ? try await controllerLog(api, timeout) : nil }
    async let hints = hints(of: request.idle, api)
    var gathered = Gathering()
    gathered.request = request
    switch await events {
    case .success(let events): gathered.events = KubeEvents(events)
    case .failure(let error): gathered.eventsProblem = error
    }
    switch await log {
    case .success(let log?): gathered.take(log)
    case .success(nil): break
    case .failure(let error): gathered.controllerProblem = error
    }
    gathered.hints = await hints
    return gathered
  }

  private static func hints(
    of idle: [LogRecorder.Target], _ api: any KubernetesAPI
  ) async -> [(target: LogRecorder.Target, hint: LogHint)] {
    await withTaskGroup(of: (Int, [(target: LogRecorder.Target, hint: LogHint)]).self) { group in
      for (index, target) in idle.prefix(idleLimit).enumerated() {
        group.addTask {
          let request = LogRequest(pod: target.runner, namespace: target.namespace, container: "runner", tail: 30)
          let bytes = (try? await api.get(request.path, timeout: .seconds(5))) ?? []
          return (index, bytes.split(separator: 0x0A).compactMap(LogHint.find).map { (target: target, hint: $0) })
        }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
  }

  /// The end of the controller's log; nil if no controller is running, for which there is a separate finding.
  static func controllerLog(_ api: any KubernetesAPI, _ timeout: Duration) async throws -> String? {
    guard let pod = try await LogFollower(api: api).pods(of: .controller).last else { return nil }
    let request = LogRequest(
      pod: pod.metadata.name, namespace: pod.metadata.namespace, container: "manager", tail: 2000)
    return String(decoding: try await api.get(request.path, timeout: timeout), as: UTF8.self)
  }

  private static func result<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
  ) async -> Result<Value, EngineError> {
    do { return .success(try await body()) } catch let error as EngineError { return .failure(error) } catch {
      return .failure(EngineError(.timedOut, "No answer in time"))
    }
  }
}

extension Snapshot {
  /// The names that scale sets in several namespaces have.
  package var sharedNames: Set<String> {
    Set(Dictionary(grouping: scaleSets, by: \.metadata.name).filter { $0.value.count > 1 }.keys)
  }

  /// The registered scale sets that are missing something only the controller's log can explain: they have no listener,
  /// or a runner for which ARC has neither set a status nor created a pod.
  package var unexplained: [String] {
    let bare = Set(runners.filter { $0.isBare && $0.deleted == nil }.map(\.scaleSet))
    return scaleSets.filter { $0.isRegistered && $0.metadata.deleted == nil }.map(\.id).filter {
      bare.contains($0) || listener(of: $0) == .absent
    }
  }
}
