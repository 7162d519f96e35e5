import ARC
import Basics

/// The keys that ARC's scale set chart reads, by version.
///
/// Source: the templates (every `.Values.…`) and values.yaml, including keys in comments, of
/// charts/gha-runner-scale-set in github.com/actions/actions-runner-controller at the tag of each version. The contents
/// of Kubernetes objects are open here: the API server validates them.
package indirect enum ChartKeys: Sendable {
  case text, number, list
  /// Anything: a Kubernetes object, or a mapping with keys chosen by the user.
  case open
  /// A string, or a mapping.
  case textOrMap([String: ChartKeys])
  case map([String: ChartKeys])

  /// The type's name in messages, if there is a single type.
  package var typeName: String {
    switch self {
    case .text: "a string"
    case .number: "a number"
    case .list: "a list"
    case .textOrMap: "a string or a mapping"
    case .map: "a mapping"
    case .open: "any value"
    }
  }

  package var children: [String: ChartKeys]? {
    switch self {
    case .map(let keys), .textOrMap(let keys): keys
    default: nil
    }
  }

  /// Whether a value has the type. `null` removes a value of any type.
  package func accepts(_ value: YAMLNode.Content) -> Bool {
    switch (self, value) {
    case (_, .scalar(.null)), (.open, _): true
    case (.text, .scalar(.string)), (.list, .list), (.map, .map): true
    case (.textOrMap, .scalar(.string)), (.textOrMap, .map): true
    case (.number, .scalar(.int)): true
    case (.number, .scalar(.double(let number))): number.rounded() == number
    default: false
    }
  }

  /// The keys of a chart version. An unknown version has those of the newest known one.
  package static func of(chartVersion: String) -> ChartKeys {
    .map(refusesMetadata(chartVersion) ? base.merging(since15) { _, new in new } : base)
  }

  /// Whether a chart version rejects labels, annotations and `listenerConfig` that are invalid in Kubernetes.
  static func refusesMetadata(_ chartVersion: String) -> Bool {
    ARCRelease(chartVersion).map(\.hasCheckingChart) ?? true
  }

  private static let metadata: ChartKeys = .map(["labels": .open, "annotations": .open])
  private static let proxyServer: ChartKeys = .map(["url": .text, "credentialSecretRef": .text])
  private static let proxy: ChartKeys = .map(["http": proxyServer, "https": proxyServer, "noProxy": .list])

  private static let base: [String: ChartKeys] = [
    "githubConfigUrl": .text,
    "githubConfigSecret": .textOrMap([
      "github_token": .text, "github_app_id": .open, "github_app_installation_id": .open,
      "github_app_private_key": .text,
    ]),
    "scaleSetLabels": .list,
    "runnerGroup": .text,
    "runnerScaleSetName": .text,
    "minRunners": .number,
    "maxRunners": .number,
    "proxy": proxy,
    "githubServerTLS": .map(["certificateFrom": .open, "runnerMountPath": .text]),
    "keyVault": .map(["type": .text, "azureKeyVault": .open, "azure_key_vault": .open, "proxy": proxy]),
    "containerMode": .map([
      "type": .text, "kubernetesModeWorkVolumeClaim": .open, "kubernetesModeAdditionalRoleRules": .list,
    ]),
    "template": .map(["metadata": metadata, "spec": .open]),
    "listenerTemplate": .map(["metadata": metadata, "spec": .open]),
    "listenerMetrics": .map(["counters": .open, "gauges": .open, "histograms": .open]),
    "controllerServiceAccount": .map(["namespace": .text, "name": .text]),
    "namespaceOverride": .text,
    "nameOverride": .text,
    "labels": .open,
    "annotations": .open,
    "resourceMeta": .map(
      Dictionary(
        uniqueKeysWithValues: [
          "autoscalingRunnerSet", "githubConfigSecret", "kubernetesModeRole", "kubernetesModeRoleBinding",
          "kubernetesModeServiceAccount", "managerRole", "managerRoleBinding", "noPermissionServiceAccount",
          "autoscalingListener", "listenerServiceAccount", "listenerRole", "listenerRoleBinding",
          "listenerConfigSecret", "ephemeralRunnerSet", "ephemeralRunner", "ephemeralRunnerConfigSecret",
        ].map { ($0, metadata) })),
    // Helm's own key, for subcharts.
    "global": .open,
  ]

  private static let since15: [String: ChartKeys] = [
    "listenerConfig": .map(["scaler": .map(["qps": .number, "burst": .number])])
  ]

  /// Keys with a default in the chart: `null` must be passed to Helm to remove it. Does not include keys of the
  /// installation.
  package static func hasDefault(_ path: [String]) -> Bool {
    switch path.first {
    case "listenerConfig": path.count <= 3
    case "template": path.count == 1 || path[1] == "spec" && (path.count == 2 || path.dropFirst(2) == ["containers"])
    default: false
    }
  }

  /// Whether a version has a top-level key.
  static func isKnown(_ key: String) -> Bool { base[key] != nil || since15[key] != nil }

  /// Whether a top-level key is unlikely to belong to another chart.
  static func isTelling(_ key: String) -> Bool {
    ["githubConfigUrl", "githubConfigSecret", "runnerScaleSetName", "containerMode", "minRunners", "maxRunners"]
      .contains(key)
  }
}
