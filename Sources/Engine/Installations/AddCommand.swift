import ARC
import Basics
import Tools

extension Installation {
  /// The command that adds this installation, for a change that requires removing it and adding it again.
  ///
  /// - Parameter namespace: the namespace of its runners.
  package func addCommand(namespace: String) -> String {
    var words = ["deskrun", "add", name.description, "--repository", target.url]
    if mode != .kubernetes { words += ["--mode", mode.rawValue] }
    if instances > 1 {
      words += ["--instances", String(instances)]
    } else if runners != .standard {
      words += ["--min-runners", String(runners.minimum), "--max-runners", String(runners.maximum)]
    }
    for cache in caches { words += ["--cache", (cache.source.map { "\($0):" } ?? "") + cache.target] }
    for mount in mounts { words += ["--mount", mount.text] }
    if let image { words += ["--image", image] }
    for label in labels { words += ["--label", label] }
    for file in valuesFiles { words += ["--values", file] }
    for row in settings.rows where row.setting != .namespace && !row.values.isEmpty { words += row.options }
    if namespace != ClusterTarget.namespace { words += ["--namespace", namespace] }
    return ToolCall.quoted((words + authentication.options).map { SafeText.line($0) })
  }
}

extension Authentication {
  /// The options for these credentials. A secret that is in the configuration itself is not repeated.
  fileprivate var options: [String] {
    let value =
      switch source {
      case .literal: "@FILE"
      case .environment(let name): "env:\(name)"
      case .file(let path): "@\(path)"
      case .gh: "gh"
      }
    guard case .app(let id, let installationID, _) = self else { return ["--auth-value", value] }
    return ["--auth-type", "github-app"] + (id.map { ["--app-id", $0] } ?? [])
      + (installationID.map { ["--app-installation-id", $0] } ?? []) + ["--auth-value", value]
  }
}
