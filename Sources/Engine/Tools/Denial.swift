/// What a cluster does not permit, from the message of its API server.
enum Denial {
  private static let verbs = [
    "get": "reading", "list": "listing", "watch": "watching", "create": "creating", "update": "changing",
    "patch": "changing", "delete": "deleting",
  ]

  /// The denied action in words: `listing pods in arc-systems`; nil if the message has another form.
  ///
  /// The form: `pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "ci"`.
  static func words(_ message: String) -> String? {
    guard let start = message.firstRange(of: " cannot ") else { return nil }
    let rest = message[start.upperBound...]
    guard let verb = rest.split(separator: " ").first, let action = verbs[String(verb)] else { return nil }
    func quoted(after words: String) -> String? {
      guard let found = rest.firstRange(of: words + " \"") else { return nil }
      let value = rest[found.upperBound...].prefix { $0 != "\"" }
      return value.isEmpty ? nil : String(value)
    }
    if let path = quoted(after: "\(verb) path") { return "\(action) \(path)" }
    guard let resource = quoted(after: "\(verb) resource") else { return nil }
    if let namespace = quoted(after: "in the namespace") { return "\(action) \(resource) in \(namespace)" }
    return rest.contains("at the cluster scope") ? "\(action) \(resource) in all namespaces" : "\(action) \(resource)"
  }
}
