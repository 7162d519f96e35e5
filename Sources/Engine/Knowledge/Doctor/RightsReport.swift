import ARC
import Basics
import Kubernetes
import Tools

/// A permission to read that deskrun needs.
package enum ReadingRight: String, Sendable, CaseIterable {
  case scaleSets, runners, pods, logs, events, controller, identity

  /// The feature that does not work without it.
  package var feature: String {
    switch self {
    case .scaleSets: "scale sets"
    case .runners: "runners and their jobs"
    case .pods: "why runners do not start, listeners"
    case .logs: "logs, results of jobs"
    case .events: "events"
    case .controller: "the controller"
    case .identity: "whether a context still means the same cluster"
    }
  }

  /// The corresponding rule of a role.
  package var rule: (group: String, resource: String, verbs: [String]) {
    switch self {
    case .scaleSets: ("actions.github.com", "autoscalingrunnersets", ["get", "list", "watch"])
    case .runners: ("actions.github.com", "ephemeralrunners", ["get", "list", "watch"])
    case .pods: ("", "pods", ["get", "list", "watch"])
    case .logs: ("", "pods/log", ["get"])
    case .events: ("", "events", ["list", "watch"])
    case .controller: ("apps", "deployments", ["list", "watch"])
    case .identity: ("", "namespaces", ["get"])
    }
  }

  /// The rule in a sentence.
  package var words: String {
    let (group, resource, verbs) = rule
    return "\(verbs.joined(separator: ", ")) \(resource)" + (group.isEmpty ? "" : ".\(group)")
  }

  /// A request that is answered only with this permission, and costs the server very little.
  ///
  /// - Parameter namespace: nil for all.
  func question(in namespace: String?) -> String {
    let place = namespace.map { "namespaces/\(PercentEncoding.escaped($0))/" } ?? ""
    switch self {
    case .scaleSets: return ObservedKind.scaleSets.path(in: namespace) + "?limit=1"
    case .runners: return ObservedKind.runners.path(in: namespace) + "?limit=1"
    case .pods: return ObservedKind.pods.path(in: namespace) + "?limit=1"
    case .events: return "/api/v1/\(place)events?limit=1"
    case .identity: return ClusterIdentity.path
    case .controller: return ObservedKind.controllers.path(in: namespace) + "?limit=1"
    // The server checks the permission before the pod, which does not exist.
    case .logs:
      return "/api/v1/namespaces/\(PercentEncoding.escaped(namespace ?? ClusterTarget.namespace))/pods/"
        + "deskrun-rights/log"
    }
  }
}

/// The permissions of the credentials, determined by trying them. If that would change something, the cluster is asked
/// instead.
package struct RightsReport: Sendable, Equatable {
  /// Where a permission applies.
  package enum Extent: Sendable, Equatable {
    case everywhere
    case namespaces([String])
    /// In no namespace that was tried, with the cluster's message.
    case nowhere(String)
  }

  package var reading: [(right: ReadingRight, extent: Extent)] = []
  /// Whether scale sets can be deployed in deskrun's namespace; nil if the cluster does not tell.
  package var deploys: Bool?

  package static func == (a: RightsReport, b: RightsReport) -> Bool {
    a.deploys == b.deploys && a.reading.elementsEqual(b.reading) { $0.right == $1.right && $0.extent == $1.extent }
  }

  /// Some resources that a deployment creates in deskrun's namespace. A user who may create roles for a scale set and
  /// Secrets for its credentials can usually create the rest.
  private static let deployment = [
    "secrets", "autoscalingrunnersets.actions.github.com", "roles.rbac.authorization.k8s.io",
  ]

  /// Tries all permissions concurrently.
  ///
  /// - Throws: `EngineError` if the cluster does not respond.
  package static func read(_ toolbox: Toolbox) async throws -> RightsReport {
    let api = try toolbox.api()
    let names = await toolbox.places.candidates()
    var report = RightsReport()
    async let deploys = deploys(toolbox)
    report.reading = try await withThrowingTaskGroup(of: (Int, Extent).self) { group in
      for (index, right) in ReadingRight.allCases.enumerated() {
        group.addTask { (index, try await extent(of: right, names, api)) }
      }
      var found: [(index: Int, extent: Extent)] = []
      for try await result in group { found.append(result) }
      return found.sorted { $0.index < $1.index }.map { (ReadingRight.allCases[$0.index], $0.extent) }
    }
    report.deploys = await deploys
    return report
  }

  private static func deploys(_ toolbox: Toolbox) async -> Bool? {
    guard let kubectl = try? toolbox.kubectl() else { return nil }
    var answers: [Bool] = []
    for resource in deployment {
      guard let may = try? await kubectl.may("create", resource, namespace: ClusterTarget.namespace) else { return nil }
      answers.append(may)
    }
    return answers.allSatisfy { $0 }
  }

  private static func extent(
    of right: ReadingRight, _ names: [String], _ api: any KubernetesAPI
  ) async throws -> Extent {
    var refusal: String?
    // A log is always in a namespace.
    if right != .logs {
      refusal = try await self.refusal(of: right, in: nil, api)
      if refusal == nil { return .everywhere }
    }
    // It is not in a namespace.
    if right == .identity { return .nowhere(refusal ?? "") }
    var allowed: [String] = []
    for name in names {
      if let why = try await self.refusal(of: right, in: name, api) {
        refusal = refusal ?? why
      } else {
        allowed.append(name)
      }
    }
    return allowed.isEmpty ? .nowhere(refusal ?? "") : .namespaces(allowed)
  }

  /// Why a request is refused; nil if it is allowed.
  private static func refusal(
    of right: ReadingRight, in namespace: String?, _ api: any KubernetesAPI
  ) async throws -> String? {
    do {
      _ = try await api.get(right.question(in: namespace), timeout: .seconds(10))
      return nil
    } catch let error as EngineError {
      if error.isForbidden { return error.why ?? error.what }
      // "Not found" shows that the request was allowed.
      if error.kind == .notFound { return nil }
      throw error
    }
  }

  /// The checks for `deskrun doctor`: a single line if everything may be read, else one line for each feature.
  package var checks: [DoctorCheck] {
    var checks: [DoctorCheck] = []
    let isWhole = reading.allSatisfy { right, extent in
      if case .nowhere = extent { return false }
      return right == .logs || extent == .everywhere
    }
    if isWhole {
      checks.append(
        DoctorCheck(
          id: "rights", title: "rights", verdict: .good, finding: "scale sets of all namespaces can be observed"))
    } else {
      checks += reading.map(Self.check)
    }
    if deploys == false {
      checks.append(
        DoctorCheck(
          id: "rights/deploy", title: "rights: deploy", verdict: .warning,
          finding: "may not create \(Self.deployment.joined(separator: ", ")) in \(ClusterTarget.namespace), as `add`, "
            + "`edit` and `remove` need"))
    }
    return checks
  }

  private static func check(_ right: ReadingRight, _ extent: Extent) -> DoctorCheck {
    let (id, title) = ("rights/\(right.rawValue)", "rights: \(right.feature)")
    switch extent {
    case .everywhere:
      return DoctorCheck(
        id: id, title: title, verdict: .good,
        finding: right == .identity ? right.words : "\(right.words): in all namespaces")
    case .namespaces(let names):
      return DoctorCheck(
        id: id, title: title, verdict: .good, finding: "\(right.words): in \(names.joined(separator: ", ")) alone")
    case .nowhere(let why):
      return DoctorCheck(
        id: id, title: title, verdict: .warning, finding: "\(right.words): not allowed: \(SafeText.line(why))",
        fix: "Ask the administrator of the cluster for the role in docs/clusters.md")
    }
  }
}
