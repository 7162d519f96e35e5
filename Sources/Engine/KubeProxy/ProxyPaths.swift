/// The API paths served by the proxy: what deskrun watches and reads, but nothing that contains secrets.
enum ProxyPaths {
  /// Kinds in the core API group.
  private static let kinds = ["pods", "events", "nodes", "resourcequotas", "limitranges", "persistentvolumeclaims"]
  /// API groups, with all their kinds.
  private static let groups = ["actions.github.com", "apps", "storage.k8s.io"]
  private static let words = ["version", "readyz"]

  /// The expressions for kubectl's `--accept-paths`.
  static let expressions: [String] =
    words.map { "^/\($0)$" }
    + ["^/api/v1/namespaces/[^/]+$", "^/api/v1/(namespaces/[^/]+/)?(\(kinds.joined(separator: "|")))(/|$)"]
    + groups.map { "^/apis/\($0.split(separator: ".").joined(separator: "\\."))/" }

  /// Whether the proxy serves a path; other paths are requested with a separate kubectl process.
  static func accepts(_ target: String) -> Bool {
    let path = target.prefix { $0 != "?" }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    switch parts.first {
    case "api":
      guard parts.dropFirst().first == "v1" else { return false }
      var rest = parts.dropFirst(2)
      if rest.first == "namespaces" {
        // A namespace object has labels but no secrets.
        if rest.count == 2 { return rest.last?.isEmpty == false }
        if rest.count > 2 { rest = rest.dropFirst(2) }
      }
      return kinds.contains { rest.first == $0[...] }
    case "apis": return parts.count > 2 && groups.contains { parts.dropFirst().first == $0[...] }
    default: return parts.count == 1 && words.contains { parts.first == $0[...] }
    }
  }
}
