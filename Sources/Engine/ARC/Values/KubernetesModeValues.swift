import Basics

extension ScaleSetValues {
  /// Whether job pods need a hook template: to see the volumes, to be privileged, or for what is set of pods.
  package var needsHookTemplate: Bool {
    switch input.mode {
    case .kubernetes: !input.volumes.isEmpty || input.settings.concernsJobPods
    case .cachedPrivilegedKubernetes: true
    case .dind: false
    }
  }

  /// A job without `container:` runs in the runner pod itself. The chart's default refuses such jobs ("Jobs without a
  /// job container are forbidden on this runner"), which is what most plain workflows would meet.
  private static let plainJobsAllowed = EnvironmentVariable("ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER", "false")

  private static let hookTemplateVariable = EnvironmentVariable(
    "ACTIONS_RUNNER_CONTAINER_HOOK_TEMPLATE", "\(hookTemplateMountPath)/\(hookTemplateKey)")

  private var hookTemplateVolume: Volume {
    Volume(name: "hook-template", source: .configMap(name: Self.hookTemplateName(scaleSet: input.scaleSet)))
  }

  private static let hookTemplateMount = VolumeMount(
    name: "hook-template", mountPath: hookTemplateMountPath, readOnly: true)

  var kubernetesPod: PodSpec {
    var runner = runner
    runner.environment = [Self.plainJobsAllowed]
    var pod = PodSpec()
    if needsHookTemplate {
      runner.environment.append(Self.hookTemplateVariable)
      runner.volumeMounts = [Self.hookTemplateMount] + input.volumes.map(\.volumeMount)
      pod.initContainers = cachePreparation
      pod.volumes = [hookTemplateVolume] + input.volumes.map(\.volume)
    }
    pod.securityContext = volumeAccess
    pod.containers = [runner]
    return pod
  }

  var privilegedPod: PodSpec {
    var runner = runner
    runner.environment = [
      Self.plainJobsAllowed,
      Self.hookTemplateVariable,
      Self.systemdVariable,
      // Without it run.sh refuses to start as root: "Must not run interactively with sudo".
      EnvironmentVariable("RUNNER_ALLOW_RUNASROOT", "1"),
    ]
    runner.securityContext = Self.privilegedRoot
    runner.volumeMounts = [Self.hookTemplateMount] + input.volumes.map(\.volumeMount)
    return PodSpec(
      securityContext: SecurityContext(runAsUser: 0, runAsGroup: 0, fsGroup: 0),
      containers: [runner],
      volumes: [hookTemplateVolume] + input.volumes.map(\.volume)
    )
  }

  /// The pod template the container hooks lay over each job pod, or nil where none is needed. `$job` is the hooks'
  /// name for the job's container. It has no init containers (they would replace the hooks' own) and none of the
  /// volumes the hooks define themselves (`work`, `externals`, `github`), which would be refused as duplicates.
  package var hookTemplate: JSONValue? {
    guard needsHookTemplate else { return nil }
    var job = Container(name: "$job")
    var pod = PodSpec()
    if input.mode == .cachedPrivilegedKubernetes {
      job.environment = [Self.systemdVariable]
      job.securityContext = Self.privilegedRoot
      pod.securityContext = SecurityContext(runAsUser: 0, runAsGroup: 0, fsGroup: 0)
    }
    if input.mode == .kubernetes { pod.securityContext = volumeAccess }
    job.volumeMounts = input.volumes.map(\.volumeMount)
    job.resources = input.settings.resources
    pod.containers = [job]
    input.settings.place(&pod)
    pod.volumes = input.volumes.map(\.volume)
    return ["spec": pod.json]
  }

  /// What lets the runner, which is not root, use its volumes: the groups of mounted sockets, since one such as Docker's
  /// lets its group in alone, and the runner's own group for claims, whose new file systems are root's.
  var volumeAccess: SecurityContext? {
    let groups = Set(input.volumes.filter { $0.kind == .socket }.compactMap(\.group)).sorted()
    let hasClaim = input.volumes.contains { $0.nodePath == nil }
    guard !groups.isEmpty || hasClaim else { return nil }
    var context = SecurityContext(supplementalGroups: groups)
    if hasClaim { (context.fsGroup, context.fsGroupChangePolicy) = (Self.runnerGroup, "OnRootMismatch") }
    return context
  }

  /// The group of the user `runner` in the runner's image (images/Dockerfile of actions/runner).
  private static let runnerGroup = 1001

  private static let systemdVariable = EnvironmentVariable("SYSTEMD_IGNORE_CHROOT", "1")

  /// What nested Docker, systemd and Nix builds need. The capabilities are those the earlier program promised.
  private static let privilegedRoot = SecurityContext(
    privileged: true, allowPrivilegeEscalation: true, readOnlyRootFilesystem: false, runAsUser: 0, runAsGroup: 0,
    addedCapabilities: [
      "SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "SETFCAP", "SETPCAP", "NET_RAW", "IPC_LOCK",
      "SYS_RESOURCE", "MKNOD", "AUDIT_WRITE", "AUDIT_CONTROL",
    ])

  /// Opens deskrun's own cache directories to the runner's user (uid 1001): Kubernetes makes missing ones for root
  /// alone, and `fsGroup` does not reach host paths. A folder that the user brought keeps its mode: on kind it is the
  /// user's own on this computer.
  var cachePreparation: [Container] {
    let directories = input.volumes.filter { $0.kind == .directoryOrCreate && $0.isOwn }
    guard !directories.isEmpty else { return [] }
    var container = helper("prepare-caches")
    container.command = ["/bin/sh", "-c", "chmod 0777 \"$@\"", "prepare-caches"] + directories.map(\.target)
    container.securityContext = SecurityContext(runAsUser: 0)
    container.volumeMounts = directories.map(\.volumeMount)
    return [container]
  }
}
