import Basics

/// What a user sets of the runners' pods, each under the chart's own keys.
package struct PodSettings: Sendable, Equatable {
  /// Variables of the runner.
  package var environment: [EnvironmentVariable] = []
  /// Secrets whose every key is a variable of the runner.
  package var secretEnvironments: [String] = []
  /// CPUs and memory of the runner, and of job pods: what is requested is also the limit. Kubernetes quantities.
  package var cpus: String?
  package var memory: String?
  /// Size and storage class of the volume that runner and job pod share; in the mode `kubernetes` alone.
  package var workSize: String?
  package var storageClass: String?
  /// The runner group of the organization or enterprise.
  package var runnerGroup: String?
  /// The service account of the runners' pods, instead of the chart's.
  package var serviceAccount: String?
  /// When the runner's image is pulled.
  package var pullPolicy: PullPolicy?
  /// Secrets with the credentials of registries.
  package var pullSecrets: [String] = []
  /// Labels that the nodes must have.
  package var nodeSelector: [NodeLabel] = []
  /// Taints of nodes that are accepted.
  package var tolerations: [Toleration] = []
  /// Image and further arguments of the Docker daemon; in the mode `dind` alone.
  package var dindImage: String?
  package var dindArguments: [String] = []
  /// The namespace of runners, release and credentials; nil for deskrun's own.
  package var namespace: String?
  /// The proxies through which listener and runners reach GitHub.
  package var proxy = ProxySettings()
  /// The file with the certificates of the authorities that GitHub's server is trusted by, an absolute path.
  package var certificates: String?
  /// Volume claims that exist already, which runners and job pods see as caches.
  package var cacheClaims: [CacheClaim] = []

  /// Nothing set.
  package init() {}

  var resources: JSONValue? {
    var amounts = JSONObject()
    if let cpus { amounts["cpu"] = .string(cpus) }
    if let memory { amounts["memory"] = .string(memory) }
    return amounts.isEmpty ? nil : ["requests": .object(amounts), "limits": .object(amounts)]
  }

  /// Whether the chart makes more of it than a part of a pod, so that its own checks are asked before anything changes.
  package var needsRendering: Bool {
    proxy.json != nil || certificates != nil || namespace != nil || !cacheClaims.isEmpty
  }

  /// Whether job pods are to have something of it, which they get through the hook template.
  var concernsJobPods: Bool {
    resources != nil || !pullSecrets.isEmpty || !nodeSelector.isEmpty || !tolerations.isEmpty
  }

  /// Writes into a pod where it runs and with which credentials its images are pulled.
  func place(_ pod: inout PodSpec) {
    pod.pullSecrets = pullSecrets
    pod.nodeSelector = nodeSelector
    pod.tolerations = tolerations
  }
}

/// When an image is pulled.
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

/// A taint of nodes that a pod accepts.
package struct Toleration: Sendable, Equatable {
  package enum Effect: String, Sendable, Equatable, CaseIterable {
    case noSchedule = "NoSchedule"
    case preferNoSchedule = "PreferNoSchedule"
    case noExecute = "NoExecute"
  }

  package var key: String
  /// nil for every value.
  package var value: String?
  /// nil for every effect.
  package var effect: Effect?

  package init(key: String, value: String? = nil, effect: Effect? = nil) {
    (self.key, self.value, self.effect) = (key, value, effect)
  }

  /// `KEY[=VALUE][:EFFECT]`, as `kubectl taint` writes it.
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
