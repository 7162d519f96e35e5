import Basics

/// Credentials to pass to the cluster.
package enum ResolvedCredentials: Sendable, Equatable {
  /// A token.
  case token(Secret)
  /// A GitHub App.
  case app(id: String, installationID: String, key: Secret)

  /// The keys that ARC reads from its Secret, with their values.
  var secretData: [(key: String, value: Secret)] {
    switch self {
    case .token(let token): [("github_token", token)]
    case .app(let id, let installationID, let key):
      [
        ("github_app_id", Secret(id)), ("github_app_installation_id", Secret(installationID)),
        ("github_app_private_key", key),
      ]
    }
  }

  /// The Secret to apply. It contains the credentials: it is only written to kubectl's standard input.
  package func secretManifest(name: String, namespace: String, labels: JSONObject) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
      "metadata": ["name": .string(name), "namespace": .string(namespace), "labels": .object(labels)],
      "data": .object(JSONObject(secretData.map { ($0.key, .string(Base64.encode($0.value.reveal().utf8))) })),
    ]
  }

  /// The keys in the Secret without their values, for display.
  package var maskedKeys: [String] { secretData.map(\.key) }
}
