import Basics

/// Kubernetes in Docker.
package struct Kind: Sendable {
  package let program: Program
  package let kubeconfig: String?

  private var kubeconfigOption: [String] { kubeconfig.map { ["--kubeconfig", $0] } ?? [] }

  /// kind's own version.
  package func version() async throws -> ToolVersion {
    ToolVersion(text: try await program.run(["version"], timeout: .seconds(20)).outputText)
  }

  /// The names of all clusters, running or not.
  package func clusters() async throws -> [String] {
    let result = try await program.run(["get", "clusters"], timeout: .seconds(30))
    return result.outputText.split(whereSeparator: \.isNewline).map(String.init)
  }

  /// The phases that `create` reports, in order.
  package static let phases = [
    "Ensuring node image", "Preparing nodes", "Writing configuration", "Starting control-plane", "Installing CNI",
    "Installing StorageClass", "Waiting",
  ]

  /// Creates a cluster. This adds a context `kind-NAME` to the kubeconfig and makes it current.
  ///
  /// On failure, what was created is kept: kind itself would delete every node with that name, including those of a
  /// process that creates it at the same time.
  ///
  /// - Parameter configuration: a `kind.x-k8s.io/v1alpha4` document.
  package func create(cluster: String, configuration: JSONValue) async throws {
    _ = try await program.run(
      ["create", "cluster", "--name", cluster, "--config", "-", "--retain", "--wait", "3m"] + kubeconfigOption,
      input: Array(configuration.encoded().utf8), timeout: .seconds(840), tellsLines: true)
  }

  /// Deletes a cluster and its context; a missing one is not an error.
  package func delete(cluster: String) async throws {
    _ = try await program.run(
      ["delete", "cluster", "--name", cluster] + kubeconfigOption, timeout: .seconds(240), tellsLines: true)
  }

  /// Writes the cluster's context to the kubeconfig and makes it current.
  package func exportKubeconfig(cluster: String) async throws {
    _ = try await program.run(
      ["export", "kubeconfig", "--name", cluster] + kubeconfigOption, timeout: .seconds(60), tellsLines: true)
  }
}
