import ARC
import Basics

/// The properties of a cluster that determine whether a namespace's runners can run there.
package struct ClusterFacts: Sendable, Equatable {
  /// A kind of object to read.
  package enum Kind: String, Sendable, CaseIterable {
    case storageClasses, nodes, namespace, quotas, limitRanges, claims, proxySecret

    /// Its name in a sentence.
    var title: String {
      switch self {
      case .storageClasses: "storage classes"
      case .nodes: "nodes"
      case .namespace: "the namespace"
      case .quotas: "resource quotas"
      case .limitRanges: "limit ranges"
      case .claims: "volume claims"
      case .proxySecret: "the Secret of the proxy"
      }
    }
  }

  package struct StorageClass: Sendable, Equatable {
    package var name: String
    package var provisioner: String
    package var isDefault: Bool
  }

  package struct Node: Sendable, Equatable {
    package var name: String
    package var labels: [String: String]
    package var taints: [Taint]
    package var cpus: ResourceQuantity?
    package var memory: ResourceQuantity?
  }

  package struct Taint: Sendable, Equatable {
    package var key: String
    package var value: String
    package var effect: String

    /// `KEY=VALUE:EFFECT`, as accepted by `--toleration`.
    package var text: String { key + (value.isEmpty ? "" : "=\(value)") + ":\(effect)" }
  }

  package struct Quota: Sendable, Equatable {
    package var name: String
    /// By resource, with the quota's names.
    package var hard: [String: ResourceQuantity]
    package var used: [String: ResourceQuantity]
  }

  /// An entry of a LimitRange.
  package struct Limit: Sendable, Equatable {
    package var range: String
    /// What it applies to: `Container`, `Pod` or `PersistentVolumeClaim`.
    package var type: String
    package var minimum: [String: ResourceQuantity]
    package var maximum: [String: ResourceQuantity]
    /// The default limit, and the default request, of a container.
    package var limit: [String: ResourceQuantity]
    package var request: [String: ResourceQuantity]
  }

  package struct Claim: Sendable, Equatable {
    package var name: String
    package var accessModes: [String]
    /// `Bound`, `Pending` or `Lost`.
    package var phase: String
  }

  package var namespace: String
  package var storageClasses: [StorageClass] = []
  package var nodes: [Node] = []
  /// The level enforced by Pod Security admission in the namespace; nil if its labels contain none.
  package var enforcedLevel: String?
  package var quotas: [Quota] = []
  package var limits: [Limit] = []
  package var claims: [Claim] = []
  /// The keys of the proxy's Secret; nil if it does not exist.
  package var proxyKeys: Set<String>?
  /// The kinds that could not be read, with the errors.
  package var unread: [Kind: EngineError] = [:]

  package init(namespace: String) { self.namespace = namespace }

  /// Whether a kind was read.
  package func knows(_ kind: Kind) -> Bool { unread[kind] == nil }
}

extension ClusterFacts {
  mutating func take(storageClasses list: JSONValue) {
    storageClasses = Self.items(list).map { object in
      StorageClass(
        name: Self.name(object), provisioner: object["provisioner"]?.stringValue ?? "",
        isDefault: object["metadata"]?["annotations"]?["storageclass.kubernetes.io/is-default-class"]?.stringValue
          == "true"
          // The annotation's name before Kubernetes 1.6, which still works.
          || object["metadata"]?["annotations"]?["storageclass.beta.kubernetes.io/is-default-class"]?.stringValue
            == "true"
      )
    }
  }

  /// Cordoned nodes are ignored: that is usually temporary.
  mutating func take(nodes list: JSONValue) {
    nodes = Self.items(list).filter { $0["spec"]?["unschedulable"] != true }.map { object in
      let allocatable = object["status"]?["allocatable"]
      return Node(
        name: Self.name(object), labels: Self.texts(object["metadata"]?["labels"]),
        taints: (object["spec"]?["taints"]?.arrayValue ?? []).map {
          Taint(
            key: $0["key"]?.stringValue ?? "", value: $0["value"]?.stringValue ?? "",
            effect: $0["effect"]?.stringValue ?? "")
        },
        cpus: ResourceQuantity(allocatable?["cpu"]), memory: ResourceQuantity(allocatable?["memory"]))
    }
  }

  mutating func take(namespace object: JSONValue) {
    enforcedLevel = object["metadata"]?["labels"]?["pod-security.kubernetes.io/enforce"]?.stringValue
  }

  /// Quotas with scopes apply only to some pods and are ignored.
  mutating func take(quotas list: JSONValue) {
    quotas = Self.items(list).filter {
      ($0["spec"]?["scopes"]?.arrayValue ?? []).isEmpty && $0["spec"]?["scopeSelector"] == nil
    }.map { object in
      Quota(
        name: Self.name(object), hard: Self.amounts(object["status"]?["hard"] ?? object["spec"]?["hard"]),
        used: Self.amounts(object["status"]?["used"]))
    }
  }

  mutating func take(limitRanges list: JSONValue) {
    limits = Self.items(list).flatMap { object in
      (object["spec"]?["limits"]?.arrayValue ?? []).map { entry in
        Limit(
          range: Self.name(object), type: entry["type"]?.stringValue ?? "", minimum: Self.amounts(entry["min"]),
          maximum: Self.amounts(entry["max"]), limit: Self.amounts(entry["default"]),
          request: Self.amounts(entry["defaultRequest"]))
      }
    }
  }

  mutating func take(claims list: JSONValue) {
    claims = Self.items(list).map { object in
      let modes = object["status"]?["accessModes"]?.arrayValue ?? object["spec"]?["accessModes"]?.arrayValue ?? []
      return Claim(
        name: Self.name(object), accessModes: modes.compactMap(\.stringValue),
        phase: object["status"]?["phase"]?.stringValue ?? "")
    }
  }

  private static func items(_ list: JSONValue) -> [JSONValue] { list["items"]?.arrayValue ?? [] }

  private static func name(_ object: JSONValue) -> String {
    SafeText.line(object["metadata"]?["name"]?.stringValue ?? "")
  }

  private static func texts(_ object: JSONValue?) -> [String: String] {
    Dictionary(
      (object?.objectValue?.members ?? []).compactMap { member in member.value.stringValue.map { (member.key, $0) } },
      uniquingKeysWith: { $1 })
  }

  private static func amounts(_ object: JSONValue?) -> [String: ResourceQuantity] {
    Dictionary(
      (object?.objectValue?.members ?? []).compactMap { member in
        ResourceQuantity(member.value).map { (member.key, $0) }
      },
      uniquingKeysWith: { $1 })
  }
}
