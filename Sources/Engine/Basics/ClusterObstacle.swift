/// What keeps deskrun from reading a cluster. Every text that says why a cluster is not known takes its words from here:
/// a cluster that refuses something has answered, and one without a context was not asked.
package enum ClusterObstacle: Sendable, Equatable {
  /// Nothing responds, or not in time.
  case silent
  /// The cluster does not permit something: `listing pods in arc-systems`; nil if it does not say what.
  case forbidden(String?)
  /// The cluster does not accept the credentials.
  case credentials
  /// The program that gives the credentials failed, so the cluster was not asked.
  case credentialProgram
  /// The kubeconfig has no credentials for the context, so the cluster was not asked.
  case noCredentials
  /// The certificate is not the expected one.
  case certificate
  /// No address was found for the server's name.
  case address
  /// The API responds that it is not ready.
  case notReady
  /// The kubeconfig has no such context.
  case context
  /// The kubeconfig does not exist.
  case noKubeconfig(String)
  /// The kubeconfig cannot be read, or is not one.
  case kubeconfig

  /// The obstacle in a column.
  package var words: String {
    switch self {
    case .silent: "does not answer"
    case .forbidden: "not allowed"
    case .credentials: "credentials rejected"
    case .credentialProgram, .noCredentials: "no credentials"
    case .certificate: "other certificate"
    case .address: "address unknown"
    case .notReady: "API not ready"
    case .context: "unknown: the kubeconfig has no such context"
    case .noKubeconfig: "unknown: the kubeconfig does not exist"
    case .kubeconfig: "unknown: the kubeconfig cannot be used"
    }
  }

  /// The obstacle as a clause, which a reason or a full stop can follow.
  ///
  /// - Parameter cluster: what the cluster is called: `prod`, `the cluster prod`.
  package func clause(_ cluster: String) -> String {
    switch self {
    case .silent: "\(cluster) does not answer"
    case .forbidden(let what?): "\(cluster) does not allow \(what)"
    case .forbidden(nil): "\(cluster) does not allow this"
    case .credentials: "\(cluster) does not accept the kubeconfig's credentials"
    case .credentialProgram: "the program that gives the credentials for \(cluster) failed"
    case .noCredentials: "\(cluster): the kubeconfig has no credentials for it"
    case .certificate: "the certificate of \(cluster) is not the one the kubeconfig expects"
    case .address: "the address of \(cluster) is not known here"
    case .notReady: "the API of \(cluster) is not ready"
    case .context: "\(cluster): the kubeconfig has no such context"
    case .noKubeconfig(let file): "\(cluster): the kubeconfig \(file) does not exist"
    case .kubeconfig: "\(cluster): the kubeconfig cannot be used"
    }
  }
}

extension ClusterObstacle {
  /// Whether the cluster may answer later without anything being changed.
  package var mayPass: Bool {
    switch self {
    case .silent, .notReady: true
    default: false
    }
  }
}

extension EngineError {
  /// Why a cluster is not known: what the program that was asked says, if that says more.
  package var reason: String {
    // The programs word it differently, and not all of them name the file.
    if case .noKubeconfig? = obstacle { what } else { why ?? what }
  }

  /// Why a cluster is not known, as a clause.
  ///
  /// - Parameter cluster: what the cluster is called: `prod`, `the cluster prod`.
  package func clause(_ cluster: String) -> String {
    obstacle?.clause(cluster) ?? "\(cluster) cannot be read: \(what)"
  }
}
