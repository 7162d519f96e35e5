/// How the jobs of an installation get their containers.
package enum ContainerMode: String, Sendable, Equatable, CaseIterable {
  /// Job containers are pods of their own, made by the runner's container hooks, with a shared work volume.
  case kubernetes
  /// Privileged runner and job pods with host caches, for Nix, systemd and nested Docker.
  case cachedPrivilegedKubernetes = "cached-privileged-kubernetes"
  /// A Docker daemon beside each runner.
  case dind
}
