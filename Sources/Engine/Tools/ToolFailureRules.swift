import Basics

/// Patterns in the output of failing tools, and the corresponding errors. The first matching rule is used, so specific
/// rules come before general ones.
enum ToolFailureRules {
  struct Rule {
    package var tools: Set<ToolName>
    /// Texts, at least one of which must be in the output, ignoring case.
    package var pattern: [String]
    package var make: (ToolFailure.Subject) -> EngineError
  }

  package static var all: [Rule] { engine + registry + cluster + kind + charts + objects }

  private static let engineTools: Set<ToolName> = [.docker, .kind]
  static let clusterTools: Set<ToolName> = [.kubectl, .helm]

  private static var engine: [Rule] {
    [
      Rule(
        tools: engineTools,
        pattern: [
          "permission denied while trying to connect", "dial unix /var/run/docker.sock: connect: permission denied",
          "Got permission denied", "docker.sock: connect: permission denied",
        ]
      ) { _ in
        EngineError(
          .unreachable, "You are not allowed to use Docker", why: "Its socket belongs to the group docker",
          fix: "sudo usermod -aG docker $USER, then log out and in again")
      },
      Rule(
        tools: engineTools,
        pattern: [
          "Cannot connect to the Docker daemon", "Is the docker daemon running", "error during connect",
          "failed to connect to the docker API", "Cannot connect to Podman",
        ]
      ) { _ in
        EngineError(
          .unreachable, "Docker is not running", why: "Nothing answers at its socket",
          fix: ToolHints.startDocker)
      },
      Rule(tools: [.docker], pattern: ["No such object", "No such container", "no such container", "no such object"]) {
        EngineError(.notFound, "No such container found", why: $0.line)
      },
    ]
  }

  private static var kind: [Rule] {
    [
      Rule(tools: [.kind], pattern: ["node(s) already exist for a cluster with the name"]) { subject in
        EngineError(
          .failed, "A kind cluster of that name already exists", why: ToolFailure.withoutPrefix(subject.line),
          fix: "Look at it with `deskrun cluster status`")
      },
      Rule(tools: [.kind], pattern: ["too many open files", "inotify"]) { _ in
        EngineError(
          .failed, "The cluster's node cannot start", why: "This system's inotify limits are used up",
          fix: "sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512")
      },
      Rule(tools: [.kind], pattern: ["cgroup v2", "running kind with rootless provider requires"]) { subject in
        EngineError(
          .failed, "kind cannot use this container engine", why: ToolFailure.withoutPrefix(subject.line),
          fix: "See https://kind.sigs.k8s.io/docs/user/rootless/")
      },
      Rule(tools: [.kind], pattern: ["no space left on device"]) { _ in
        EngineError(
          .failed, "The disk is full", why: "The cluster's node needs some 3 GB",
          fix: "Free space: `docker system prune`, `deskrun cache list`")
      },
      Rule(tools: [.kind], pattern: ["failed to pull image", "dial tcp: lookup", "i/o timeout"]) { subject in
        EngineError(
          .unreachable, "The node's image cannot be downloaded", why: ToolFailure.withoutPrefix(subject.line),
          fix: "Check the network and try again; completed steps are kept")
      },
      Rule(tools: [.kind], pattern: ["could not locate any control plane nodes", "unknown cluster", "no nodes found"]) {
        EngineError(
          .notFound, "The kind cluster does not exist", why: ToolFailure.withoutPrefix($0.line),
          fix: "Create it with `deskrun up`")
      },
      Rule(tools: [.kind], pattern: ["failed to create cluster"]) { subject in
        EngineError(
          .failed, "kind could not create the cluster", why: ToolFailure.withoutPrefix(subject.line),
          fix: "Run the same command again, with `--verbose` to see all that kind says")
      },
    ]
  }

  /// Errors of the registry that helm loads charts from. They come before the rules for clusters: both fail with the
  /// same messages of Go's network library, and only the address distinguishes them.
  private static var registry: [Rule] {
    [
      Rule(tools: [.helm], pattern: ["docker-credential-", "error getting credentials"]) { subject in
        EngineError(
          .failed, "helm cannot use the credential helper of Docker's configuration",
          why: ToolFailure.withoutPrefix(subject.line),
          fix: "Install the helper, or remove credsStore and credHelpers from ~/.docker/config.json")
      },
      Rule(
        tools: [.helm],
        pattern: [
          "actions-runner-controller-charts/", "FetchReference", "failed to authorize", "failed to download",
          "://ghcr.io/", "lookup ghcr.io",
        ]
      ) { subject in
        guard let version = missingChart(subject.line) else { return explain(subject) }
        return EngineError(
          .invalid, "No chart of ARC \(version) found at ghcr.io", why: ToolFailure.withoutPrefix(subject.line),
          fix: "Use a version that was released: https://github.com/actions/actions-runner-controller/releases")
      },
    ]
  }

  /// The version of a chart that the registry does not have: `ghcr.io/…/CHART:0.15.9: not found`.
  private static func missingChart(_ line: String) -> String? {
    guard line.hasSuffix(": not found") else { return nil }
    let version = line.dropLast(": not found".count).split(separator: ":").last.map(String.init) ?? ""
    return version.isEmpty || version.contains("/") ? nil : version
  }

  private static func explain(_ subject: ToolFailure.Subject) -> EngineError {
    let what = "The chart cannot be downloaded from ghcr.io"
    let why = ToolFailure.withoutPrefix(subject.line)
    // Ignore the addresses, which helm quotes and which contain names.
    let words = subject.text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined(separator: " ").lowercased()
    func says(_ any: String...) -> Bool { any.contains { words.contains($0) } }
    if says("status code 429", "429 too many requests", "toomanyrequests") {
      return EngineError(
        .unreachable, what, why: why,
        fix: "The registry limits downloads: wait some minutes and run the same command again")
    }
    if says("status code 401", "status code 403", "401 unauthorized", "403 forbidden", ": denied", "unauthorized") {
      return EngineError(
        .unauthorized, what, why: why,
        fix:
          "The chart is public, so a login that is stored for ghcr.io is refused: `helm registry logout ghcr.io` (or "
          + "`docker logout ghcr.io`), then run the same command again")
    }
    if says("x509:", "certificate") {
      return EngineError(
        .unreachable, what, why: why,
        fix: "This computer does not trust the certificate it was shown: add that of the proxy that opens TLS")
    }
    if says("status code 404", "not found") {
      return EngineError(
        .failed, what, why: why, fix: "Check the version of ARC; `deskrun version` names the one it installs")
    }
    return EngineError(
      .unreachable, what, why: why,
      fix: "Check the network or proxy (HTTPS_PROXY) and run the same command again; completed steps are kept")
  }

  private static var charts: [Rule] {
    [
      Rule(tools: [.helm], pattern: ["don't meet the specifications of the schema"]) { subject in
        ChartRefusal.schema(subject.text)?.error()
          ?? EngineError(
            .invalid, "The chart refuses the values", why: ToolFailure.withoutPrefix(subject.line),
            fix: "Correct the file given with --values")
      },
      Rule(tools: clusterTools, pattern: ["field not declared in schema"]) { subject in
        // The chart of 0.15 sets this field in every scale set; any other field comes from the values file.
        subject.line.contains(".spec.listenerConfig")
          ? EngineError(
            .failed, "The cluster's resource definitions are older than ARC's charts",
            why: ToolFailure.withoutPrefix(subject.line),
            fix: "Run `deskrun upgrade`: Helm never upgrades definitions that exist")
          : EngineError(
            .failed, "The cluster does not know a field of the values", why: ToolFailure.withoutPrefix(subject.line),
            fix: "Correct the file given with --values; `--dry-run` shows the values")
      },
      Rule(tools: [.helm], pattern: ["No gha-rs-controller deployment found"]) { _ in
        EngineError(
          .failed, "The controller is missing in the cluster", why: "A scale set needs it before it is installed",
          fix: "`deskrun up` installs it")
      },
      Rule(
        tools: [.helm],
        pattern: ["More than one gha-rs-controller deployment found", "watchSingleNamespace set and unset"]
      ) { _ in
        EngineError(
          .failed, "More than one runner controller found in the cluster",
          why: "They would fight over the same scale sets", fix: "Uninstall all but one (`helm list -A`)")
      },
      Rule(tools: [.helm], pattern: ["maxRunners has to be greater"]) { _ in
        EngineError(
          .invalid, "The maximum of runners is below the minimum", fix: "Give --max-runners at least --min-runners")
      },
      Rule(tools: [.helm], pattern: ["Name must have up to 45 characters"]) { _ in
        EngineError(.invalid, "The name is longer than 45 characters", fix: "Choose a shorter one")
      },
      Rule(tools: [.helm], pattern: ["githubConfigSecret is required", "githubConfigUrl is required"]) { subject in
        EngineError(.invalid, "A value that the chart needs is missing", why: ToolFailure.withoutPrefix(subject.line))
      },
      Rule(tools: [.helm], pattern: ["): .Values."]) { subject in
        ChartRefusal.template(subject.line)?.error()
          ?? EngineError(
            .invalid, "A value that the chart needs is missing", why: ToolFailure.withoutPrefix(subject.line))
      },
      Rule(tools: [.helm], pattern: ["incompatible types for comparison"]) { _ in
        EngineError(
          .invalid, "minRunners or maxRunners is not a bare number in the values file",
          fix: "Write it without quotes, or leave it to --min-runners and --max-runners")
      },
      Rule(tools: [.helm], pattern: ["error converting YAML to JSON", "failed to parse", "cannot unmarshal yaml"]) {
        subject in
        EngineError(
          .invalid, "The values file is not valid YAML", why: ToolFailure.withoutPrefix(subject.line),
          fix: "Fix that line of the file given with --values")
      },
      Rule(tools: [.helm], pattern: ["no such file or directory"]) { subject in
        // Values are passed on standard input, so it is not a values file.
        EngineError(
          .invalid, "A file that helm reads does not exist", why: ToolFailure.withoutPrefix(subject.line),
          fix: "Correct its path: KUBECONFIG and --kubeconfig name such files")
      },
      Rule(tools: [.helm], pattern: ["another operation (install/upgrade/rollback) is in progress"]) { _ in
        EngineError(
          .failed, "Another helm is working on this release, or one was interrupted",
          fix: "Wait a minute and run the same command again: deskrun cleans up after it")
      },
      Rule(
        tools: [.helm],
        pattern: ["cannot re-use a name that is still in use", "cannot reuse a name that is still in use"]
      ) { _ in
        EngineError(
          .failed, "A Helm release of that name exists and is not a scale set of deskrun",
          fix: "Choose another name, or uninstall it (`helm list -n \(ClusterTarget.namespace)`)")
      },
      Rule(
        tools: [.helm],
        pattern: ["resource mapping not found", "ensure CRDs are installed first", "no matches for kind"]
      ) { _ in
        EngineError(
          .failed, "The cluster does not know ARC's resources", why: "The controller's definitions are missing",
          fix: "`deskrun upgrade` installs controller and definitions again")
      },
    ]
  }

  private static var objects: [Rule] {
    [
      Rule(tools: clusterTools, pattern: ["release: not found"]) { subject in
        EngineError(.notFound, "No such Helm release found", why: ToolFailure.withoutPrefix(subject.line))
      },
      Rule(
        tools: [.kubectl],
        pattern: ["(NotFound)", "the server could not find the requested resource", "doesn't have a resource type"]
      ) {
        EngineError(.notFound, "The cluster has no such object", why: ToolFailure.withoutPrefix($0.line))
      },
      Rule(tools: clusterTools, pattern: ["is invalid:", "Invalid value:", "Duplicate value:", "(Invalid)"]) {
        subject in
        EngineError(
          .failed, "The cluster refuses an object as invalid", why: ToolFailure.withoutPrefix(subject.line),
          fix: "Check the file given with --values, if any; `--dry-run` shows the values")
      },
      Rule(tools: clusterTools, pattern: ["exceeded quota"]) { subject in
        EngineError(
          .failed, "The cluster's quota is used up", why: ToolFailure.withoutPrefix(subject.line),
          fix: "Lower --max-runners, or ask the administrator of the cluster")
      },
    ]
  }
}

/// Sentences used in several places.
package enum ToolHints {
  /// How to reach a cluster that deskrun does not run.
  package static let checkNetwork = "Check the network or VPN, and the server in the kubeconfig"

  /// How to start the container engine.
  static var startDocker: String {
    #if canImport(Darwin)
    "Start Docker Desktop (or colima start), then run the same command again"
    #else
    "Start it: sudo systemctl start docker (and enable it: sudo systemctl enable docker)"
    #endif
  }
}
