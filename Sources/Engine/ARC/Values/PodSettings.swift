import Basics

/// The user's settings for runner pods, each under the chart's own keys.
package struct PodSettings: Sendable, Equatable {
  /// Environment variables of the runner.
  package var environment: [EnvironmentVariable] = []
  /// Secrets whose keys all become environment variables of the runner.
  package var secretEnvironments: [String] = []
  /// CPUs and memory of the runner and of job pods, as Kubernetes quantities. Used as both request and limit.
  package var cpus: String?
  package var memory: String?
  /// Size and storage class of the volume shared by runner and job pod; only in the mode `kubernetes`.
  package var workSize: String?
  package var storageClass: String?
  /// The runner group of the organization or enterprise.
  package var runnerGroup: String?
  /// The service account of runner pods, instead of the chart's.
  package var serviceAccount: String?
  package var pullPolicy: PullPolicy?
  /// Secrets with registry credentials.
  package var pullSecrets: [String] = []
  /// Labels that nodes must have.
  package var nodeSelector: [NodeLabel] = []
  /// Node taints that runner pods tolerate.
  package var tolerations: [Toleration] = []
  /// Image and additional arguments of the Docker daemon; only in the mode `dind`.
  package var dindImage: String?
  package var dindArguments: [String] = []
  /// The namespace of runners, release and credentials; nil for deskrun's own.
  package var namespace: String?
  /// The proxies that listener and runners use to connect to GitHub.
  package var proxy = ProxySettings()
  /// A file with the CA certificates to trust for GitHub's server, as an absolute path.
  package var certificates: String?
  /// Existing volume claims that runners and job pods mount as caches.
  package var cacheClaims: [CacheClaim] = []

  /// Creates settings without any values.
  package init() {}

  var resources: JSONValue? {
    var amounts = JSONObject()
    if let cpus { amounts["cpu"] = .string(cpus) }
    if let memory { amounts["memory"] = .string(memory) }
    return amounts.isEmpty ? nil : ["requests": .object(amounts), "limits": .object(amounts)]
  }

  /// Whether settings affect more than a part of the pod, so that the chart's own validation must run before any
  /// change.
  package var needsRendering: Bool {
    proxy.json != nil || certificates != nil || namespace != nil || !cacheClaims.isEmpty
  }

  /// Whether settings apply to job pods, which receive them through the hook template.
  var concernsJobPods: Bool {
    resources != nil || !pullSecrets.isEmpty || !nodeSelector.isEmpty || !tolerations.isEmpty
  }

  /// Sets the scheduling and the pull secrets of a pod.
  func place(_ pod: inout PodSpec) {
    pod.pullSecrets = pullSecrets
    pod.nodeSelector = nodeSelector
    pod.tolerations = tolerations
  }
}

/// When to pull an image.
package enum PullPolicy: String, Sendable, Equatable, CaseIterable {
  case always = "Always"
  case ifNotPresent = "IfNotPresent"
  case never = "Never"
}

/// A label that a node must have.
package struct NodeLabel: Sendable, Equatable {
  package var key: String
  package var value: String

  package init(_ key: String, _ value: String) { (self.key, self.value) = (key, value) }
}

/// A node taint that a pod tolerates.
package struct Toleration: Sendable, Equatable {
  package enum Effect: String, Sendable, Equatable, CaseIterable {
    case noSchedule = "NoSchedule"
    case preferNoSchedule = "PreferNoSchedule"
    case noExecute = "NoExecute"
  }

  package var key: String
  /// nil for any value.
  package var value: String?
  /// nil for any effect.
  package var effect: Effect?

  package init(key: String, value: String? = nil, effect: Effect? = nil) {
    (self.key, self.value, self.effect) = (key, value, effect)
  }

  /// `KEY[=VALUE][:EFFECT]`, as in `kubectl taint`.
  package var text: String {
    key + (value.map { "=\($0)" } ?? "") + (effect.map { ":\($0.rawValue)" } ?? "")
  }

  var json: JSONValue {
    var object: JSONObject = ["key": .string(key), "operator": value == nil ? "Exists" : "Equal"]
    if let value { object["value"] = .string(value) }
    if let effect { object["effect"] = .string(effect.rawValue) }
    return .object(object)
  }
}
