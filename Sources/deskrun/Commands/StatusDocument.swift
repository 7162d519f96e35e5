import CommandOutput
import Engine

extension StatusReport {
  /// The report for programs. Its shape is documented in docs/output.md and checked by a test.
  var document: JSONValue {
    return [
      "takenAt": snapshot.map { .string(Timestamp.text($0.takenAt)) } ?? .null,
      "cluster": Self.document(cluster, context: context),
      "controller": controllerDocument,
      "clusters": [clusterDocument],
      "installations": .array(installations.map(document)),
      "findings": .array(findings.map { FindingsReport.document($0, context: context, invocation) }),
      "unknown": .array(gaps.map { .string(invocation.text($0.sentence(now: snapshot?.takenAt ?? 0))) }),
    ]
  }

  private var controllerDocument: JSONValue {
    snapshot?.controller.map {
      ["context": .string(context), "version": .string($0.version), "ready": .bool($0.isReady)]
    } ?? .null
  }

  /// The cluster with its controller, and the time of the snapshot.
  private var clusterDocument: JSONValue {
    guard var object = Self.document(cluster, context: context).objectValue else { return .null }
    object["controller"] = controllerDocument
    object["takenAt"] = snapshot.map { .string(Timestamp.text($0.takenAt)) } ?? .null
    object["reason"] = cluster.reason.map(JSONValue.string) ?? .null
    object["kubeconfig"] = kubeconfig.map { .string(SafeText.line($0)) } ?? .null
    object["sameAs"] = sameAs.map(JSONValue.string) ?? .null
    return .object(object)
  }

  /// A cluster, in the JSON of all commands.
  static func document(_ cluster: ClusterState, context: String) -> JSONValue {
    let version: JSONValue = if case .ready(let version) = cluster { .string(version) } else { .null }
    return ["context": .string(context), "state": .string(state(of: cluster)), "version": version]
  }

  private static func state(of cluster: ClusterState) -> String {
    switch cluster {
    case .ready: "ready"
    case .absent: "absent"
    case .stopped: "stopped"
    case .paused: "paused"
    case .starting: "starting"
    case .halfCreated: "halfCreated"
    case .contextMissing(let error):
      if case .noKubeconfig = error.obstacle { "kubeconfigInvalid" } else { "contextMissing" }
    case .unreachable(let error):
      switch error.obstacle {
      case .forbidden, .credentials: "refused"
      case .kubeconfig, .noKubeconfig, .noCredentials: "kubeconfigInvalid"
      default: "unreachable"
      }
    case .dockerUnavailable: "dockerUnavailable"
    case .toolMissing: "toolMissing"
    }
  }

  private func document(_ status: InstallationStatus) -> JSONValue {
    let counts = status.counts
    func number(_ count: Int) -> JSONValue { snapshot == nil ? .null : .int(count) }
    return [
      "name": .string(status.name),
      "context": .string(context),
      "kubeconfig": kubeconfig.map { .string(SafeText.line($0)) } ?? .null,
      "configured": .bool(status.installation != nil),
      "namespace": .string(status.namespace),
      "managedBy": status.manager.map {
        ["kind": .string($0.kind), "name": $0.name.map(JSONValue.string) ?? .null]
      } ?? .null,
      "githubUrl": .string(status.installation?.target.url ?? status.scaleSets.first?.githubURL ?? ""),
      "mode": status.installation.map { .string($0.mode.rawValue) } ?? .null,
      "deployed": snapshot == nil ? .null : .bool(status.isDeployed),
      "registered": snapshot == nil
        ? .null : .bool(!status.scaleSets.isEmpty && status.scaleSets.allSatisfy(\.isRegistered)),
      "terminating": snapshot == nil ? .null : .bool(status.isTerminating),
      "listener": snapshot == nil ? .null : .string(status.listener.word),
      "scaleSets": .array(
        status.scaleSets.map { set in
          [
            "name": .string(set.metadata.name), "context": .string(context),
            "namespace": .string(ScaleSetID.namespace(set.id)), "version": .string(set.version),
            "phase": .string(set.phase),
            "minRunners": .int(set.minimum), "maxRunners": set.maximum.map(JSONValue.int) ?? .null,
          ]
        }),
      "drift": .array(
        status.drift.map {
          [
            "scaleSet": .string($0.scaleSet), "setting": .string($0.setting.rawValue),
            "configured": .string($0.configured), "cluster": .string($0.cluster),
          ]
        }),
      "runners": [
        "busy": number(counts.busy), "idle": number(counts.idle), "starting": number(counts.starting),
        "failing": number(counts.failing), "finishing": number(counts.finishing),
        "items": .array(
          status.runners.map {
            Self.document(
              $0, host: status.host, context: context, estimate: estimates[$0.name])
          }),
      ],
      "finding": worstFinding(about: status).map { FindingsReport.document($0, context: context, invocation) } ?? .null,
    ]
  }

  /// The most severe finding about an installation, or about something that all installations need.
  func worstFinding(about status: InstallationStatus) -> Finding? {
    Diagnosis.worst(of: findings, about: status)
  }

  /// A runner, in the JSON of all commands.
  ///
  /// - Parameter host: the GitHub host; nil for github.com.
  static func document(_ runner: Runner, host: String?, context: String, estimate: JobEstimate?) -> JSONValue {
    var reason: JSONValue = .null
    var code: JSONValue = .null
    var job: JSONValue = .null
    switch runner.state {
    case .starting(let step): reason = .string(step)
    case .failing(let why, let word): (reason, code) = (.string(why), .string(word))
    case .busy(let work):
      job = [
        "name": .string(work.name), "repository": .string(work.repository), "workflow": .string(work.workflow),
        "ref": .string(work.ref), "runId": work.runID.map(JSONValue.int) ?? .null,
        "htmlUrl": work.url(host: host ?? "github.com").map(JSONValue.string) ?? .null,
      ]
    case .idle, .finishing: break
    }
    return [
      "name": .string(runner.name), "context": .string(context),
      "scaleSet": .string(ScaleSetID.name(runner.scaleSet)),
      "namespace": .string(ScaleSetID.namespace(runner.scaleSet)),
      "state": .string(runner.state.word),
      "reason": reason, "code": code, "job": job, "estimate": estimate?.document ?? .null,
      "createdAt": runner.created.map { .string(Timestamp.text($0)) } ?? .null,
      "node": runner.node.map(JSONValue.string) ?? .null, "failures": .int(runner.failures),
      "jobPods": .array(
        runner.jobPods.map {
          ["name": .string($0.metadata.name), "context": .string(context), "phase": .string($0.phase)]
        }),
    ]
  }

  /// Only the cluster and its controller.
  var clusterListing: Listing {
    var table = Table([
      .init("CLUSTER", minimum: 16), .init("STATE", minimum: 12), .init("KUBERNETES"), .init("CONTROLLER", minimum: 8),
    ])
    let version = if case .ready(let version) = cluster { version } else { "-" }
    let controller = snapshot?.controller.map { "ARC \($0.version)\($0.isReady ? "" : ", not ready")" }
    table.add([
      .init(context, .strong, mark: cluster.isReady ? .healthy : .failing), .init(cluster.words), .init(version),
      .init(controller ?? (snapshot == nil ? "-" : "not installed")),
    ])
    let members =
      document.objectValue?.members.filter {
        !["installations", "findings", "unknown", "clusters"].contains($0.key)
      } ?? []
    return Listing(table: table, document: .object(JSONObject(members.map { ($0.key, $0.value) })), names: [context])
  }
}
