import Basics
import Tools

/// The chart keys that the installation determines.
package enum OwnedKey: String, Sendable, CaseIterable {
  case githubConfigUrl, githubConfigSecret, runnerScaleSetName, minRunners, maxRunners, scaleSetLabels, runnerGroup
  case controllerServiceAccount, namespaceOverride

  /// The option that sets it, if there is one.
  package var option: String? {
    switch self {
    case .githubConfigUrl: "--repository"
    case .githubConfigSecret: "--auth-value"
    case .runnerScaleSetName: "the installation's name"
    case .minRunners: "--min-runners"
    case .maxRunners: "--max-runners"
    case .scaleSetLabels: "--label"
    case .runnerGroup: "--runner-group"
    case .namespaceOverride: "--namespace"
    case .controllerServiceAccount: nil
    }
  }

  /// Whether `--import` can transfer it to the installation.
  var canBeImported: Bool {
    switch self {
    case .githubConfigSecret, .controllerServiceAccount, .namespaceOverride: false
    default: true
    }
  }

  /// A runner label as text, even if not quoted in the file; nil if it is not a label.
  static func label(_ value: JSONValue) -> String? {
    switch value {
    case .int(let number): String(number)
    case .double(let number): String(number)
    case .bool(let truth): truth ? "true" : "false"
    default: value.stringValue
    }
  }

  /// What to do instead of setting it in a values file.
  func advice(_ value: JSONValue) -> String {
    func quoted(_ text: String) -> String { ToolCall.quoted([SafeText.line(text)]) }
    switch self {
    case .githubConfigUrl:
      return "Use --repository" + (value.stringValue.map { $0.isEmpty ? " URL" : " " + quoted($0) } ?? " URL")
    case .githubConfigSecret: return "Use --auth-value: deskrun creates the Secret"
    case .runnerScaleSetName:
      return "Use that name for the installation"
        + (value.stringValue.map { $0.isEmpty ? "" : ": \(SafeText.line($0))" } ?? "")
    case .minRunners, .maxRunners:
      guard let count = value.intValue else {
        return "Use \(option ?? ""): the chart takes \(SafeText.line(value.encoded())) for no number and ignores it"
      }
      return "Use \(option ?? "") \(count)"
    case .scaleSetLabels:
      let labels = (value.arrayValue ?? []).compactMap(Self.label)
      return "Use " + (labels.isEmpty ? "--label" : labels.map { "--label \(quoted($0))" }.joined(separator: " "))
    case .runnerGroup: return "Use --runner-group " + (value.stringValue.map(quoted) ?? "NAME")
    case .controllerServiceAccount: return "Remove it: the chart finds the service account of the controller"
    case .namespaceOverride: return "Use --namespace " + (value.stringValue.map(quoted) ?? "NAME")
    }
  }
}

/// Keys of a pod or container that are often placed at the top level of a values file.
enum PodKey {
  /// Where a key belongs, and the option that sets it.
  static func place(of key: String) -> String? {
    switch key {
    case "env": "it belongs to template.spec.containers, in the container runner: --env NAME=VALUE"
    case "envFrom": "it belongs to template.spec.containers, in the container runner: --env-from SECRET"
    case "resources": "it belongs to template.spec.containers, in the container runner: --cpus, --memory"
    case "image": "it belongs to template.spec.containers, in the container runner: --image"
    case "imagePullPolicy": "it belongs to template.spec.containers, in the container runner: --pull-policy"
    case "command", "args", "volumeMounts", "lifecycle":
      "it belongs to template.spec.containers, in the container runner"
    case "imagePullSecrets": "it belongs to template.spec: --pull-secret"
    case "nodeSelector": "it belongs to template.spec: --node-selector"
    case "tolerations": "it belongs to template.spec: --toleration"
    case "serviceAccountName", "serviceAccount": "it belongs to template.spec as serviceAccountName: --service-account"
    case "affinity", "volumes", "securityContext", "podSecurityContext", "initContainers", "containers", "hostNetwork",
      "dnsConfig", "dnsPolicy", "priorityClassName", "topologySpreadConstraints", "terminationGracePeriodSeconds",
      "runtimeClassName", "schedulerName":
      "it belongs to template.spec"
    case "spec": "it belongs to template"
    default: nil
    }
  }
}
