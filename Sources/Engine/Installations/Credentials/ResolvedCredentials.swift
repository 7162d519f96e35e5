import Basics

/// Credentials ready to be given to the cluster.
package enum ResolvedCredentials: Sendable, Equatable {
  /// A token.
  case token(Secret)
  /// A GitHub App.
  case app(id: String, installationID: String, key: Secret)

  /// The keys ARC reads in its Secret, with their values.
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

  /// The Secret as it is applied. It holds the credentials: it goes to kubectl's standard input and nowhere else.
  package func secretManifest(name: String, namespace: String, labels: JSONObject) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
      "metadata": ["name": .string(name), "namespace": .string(namespace), "labels": .object(labels)],
      "data": .object(JSONObject(secretData.map { ($0.key, .string(Base64.encode($0.value.reveal().utf8))) })),
    ]
  }

  /// The same for people: which keys there are, without what they hold.
  package var maskedKeys: [String] { secretData.map(\.key) }
}
