/// A program that deskrun uses.
package enum ToolName: String, Sendable, CaseIterable {
  /// The Kubernetes client.
  case kubectl
  /// The Kubernetes package manager.
  case helm
  /// Kubernetes in Docker.
  case kind
  /// The container engine's client (docker, podman or nerdctl).
  case docker
  /// The GitHub command line, asked for a token if the user wants that.
  case gh
  /// Checks a private key.
  case openssl
  /// Determines the newest release, only for `deskrun version --check`.
  case curl

  /// The variable that overrides the program's path, for example `DESKRUN_KUBECTL`.
  package var overrideVariable: String { "DESKRUN_" + rawValue.uppercased() }
}
