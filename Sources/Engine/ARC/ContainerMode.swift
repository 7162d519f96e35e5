/// How jobs of an installation run their containers.
package enum ContainerMode: String, Sendable, Equatable, CaseIterable {
  /// Job containers are separate pods, created by the runner's container hooks, with a shared work volume.
  case kubernetes
  /// Privileged runner and job pods with host caches, for Nix, systemd and nested Docker.
  case cachedPrivilegedKubernetes = "cached-privileged-kubernetes"
  /// A Docker daemon next to each runner.
  case dind
}
