/// A program deskrun drives.
package enum ToolName: String, Sendable, CaseIterable {
  /// The Kubernetes client.
  case kubectl
  /// The Kubernetes package manager.
  case helm
  /// Kubernetes in Docker.
  case kind
  /// The container engine's client (docker, podman or nerdctl).
  case docker
  /// The GitHub command line, asked for a token where the user wants that.
  case gh
  /// Checks a private key.
  case openssl
  /// Asks which release is the newest, for `deskrun version --check` alone.
  case curl

  /// The variable that overrides where the program is looked for, for example `DESKRUN_KUBECTL`.
  package var overrideVariable: String { "DESKRUN_" + rawValue.uppercased() }
}
