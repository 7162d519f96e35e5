import Basics

extension ScaleSetValues {
  /// Whether job pods need a hook template: for volumes, privileged mode or pod settings.
  package var needsHookTemplate: Bool {
    switch input.mode {
    case .kubernetes: !input.volumes.isEmpty || input.settings.concernsJobPods
    case .cachedPrivilegedKubernetes: true
    case .dind: false
    }
  }

  /// Runs jobs without `container:` in the runner pod itself. The chart's default rejects such jobs ("Jobs without a
  /// job container are forbidden on this runner"), which affects most simple workflows.
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
      // Without this, run.sh refuses to run as root: "Must not run interactively with sudo".
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

  /// The pod template that the container hooks merge into each job pod, or nil if none is needed. `$job` is the hooks'
  /// name for the job's container. It contains no init containers (they would replace the hooks' own) and none of the
  /// volumes that the hooks define (`work`, `externals`, `github`), which would be rejected as duplicates.
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

  /// Gives the runner, which is not root, access to its volumes: the groups of mounted sockets, because a socket such
  /// as Docker's is accessible only to its group, and the runner's group for claims, because new file systems belong to
  /// root.
  var volumeAccess: SecurityContext? {
    let groups = Set(input.volumes.filter { $0.kind == .socket }.compactMap(\.group)).sorted()
    let hasClaim = input.volumes.contains { $0.nodePath == nil }
    guard !groups.isEmpty || hasClaim else { return nil }
    var context = SecurityContext(supplementalGroups: groups)
    if hasClaim { (context.fsGroup, context.fsGroupChangePolicy) = (Self.runnerGroup, "OnRootMismatch") }
    return context
  }

  /// The group of the user `runner` in the runner image (images/Dockerfile of actions/runner).
  private static let runnerGroup = 1001

  private static let systemdVariable = EnvironmentVariable("SYSTEMD_IGNORE_CHROOT", "1")

  /// What nested Docker, systemd and Nix builds need. The capabilities are those of the earlier program.
  private static let privilegedRoot = SecurityContext(
    privileged: true, allowPrivilegeEscalation: true, readOnlyRootFilesystem: false, runAsUser: 0, runAsGroup: 0,
    addedCapabilities: [
      "SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_CHROOT", "SETFCAP", "SETPCAP", "NET_RAW", "IPC_LOCK",
      "SYS_RESOURCE", "MKNOD", "AUDIT_WRITE", "AUDIT_CONTROL",
    ])

  /// Makes deskrun's cache directories writable for the runner's user (uid 1001): Kubernetes creates missing
  /// directories for root only, and `fsGroup` does not apply to host paths. Folders of the user keep their mode: on
  /// kind they are the user's own folders on this computer.
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
