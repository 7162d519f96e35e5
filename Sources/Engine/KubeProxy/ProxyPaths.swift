/// The part of the API that goes through the proxy: what deskrun watches and reads, and nothing that holds secrets.
enum ProxyPaths {
  /// Kinds outside of API groups.
  private static let kinds = ["pods", "events", "nodes", "resourcequotas", "limitranges", "persistentvolumeclaims"]
  /// API groups, whole.
  private static let groups = ["actions.github.com", "apps", "storage.k8s.io"]
  private static let words = ["version", "readyz"]

  /// What kubectl is told to let through.
  static let expressions: [String] =
    words.map { "^/\($0)$" }
    + ["^/api/v1/namespaces/[^/]+$", "^/api/v1/(namespaces/[^/]+/)?(\(kinds.joined(separator: "|")))(/|$)"]
    + groups.map { "^/apis/\($0.split(separator: ".").joined(separator: "\\."))/" }

  /// Whether the proxy lets a path through; what it does not is asked by a kubectl of its own.
  static func accepts(_ target: String) -> Bool {
    let path = target.prefix { $0 != "?" }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    switch parts.first {
    case "api":
      guard parts.dropFirst().first == "v1" else { return false }
      var rest = parts.dropFirst(2)
      if rest.first == "namespaces" {
        // A namespace itself has labels and nothing that is secret.
        if rest.count == 2 { return rest.last?.isEmpty == false }
        if rest.count > 2 { rest = rest.dropFirst(2) }
      }
      return kinds.contains { rest.first == $0[...] }
    case "apis": return parts.count > 2 && groups.contains { parts.dropFirst().first == $0[...] }
    default: return parts.count == 1 && words.contains { parts.first == $0[...] }
    }
  }
}
