extension ScaleSetValues {
  /// The Docker daemon's data directory. It belongs to the daemon, not to the runner.
  static let daemonDirectory = "/var/lib/docker"

  /// The complete pod of a Docker-in-Docker runner, as ARC documents it for customization: the chart's `dind` mode
  /// fixes the daemon's volumes and silently drops overrides of its container.
  var dindPod: PodSpec {
    let daemonVolumes = input.volumes.filter {
      $0.target == Self.daemonDirectory || $0.target.hasPrefix("/var/lib/docker/")
    }
    let runnerVolumes = input.volumes.filter { volume in !daemonVolumes.contains(volume) }

    var externals = helper("init-dind-externals")
    externals.command = ["cp", "-r", "/home/runner/externals/.", "/home/runner/tmpDir/"]
    externals.volumeMounts = [VolumeMount(name: "dind-externals", mountPath: "/home/runner/tmpDir")]

    var daemon = Container(name: "dind", image: input.settings.dindImage ?? "docker:dind")
    daemon.arguments =
      ["dockerd", "--host=unix:///var/run/docker.sock", "--group=$(DOCKER_GROUP_GID)"] + input.settings.dindArguments
    daemon.environment = [EnvironmentVariable("DOCKER_GROUP_GID", "123")]
    daemon.securityContext = SecurityContext(privileged: true)
    daemon.restartPolicy = "Always"
    daemon.startupProbe = [
      "exec": ["command": ["docker", "info"]], "initialDelaySeconds": 0, "failureThreshold": 24, "periodSeconds": 5,
    ]
    // A job's `docker run --volume` uses paths in the runner container, so the daemon mounts the same ones.
    daemon.volumeMounts =
      [
        VolumeMount(name: "work", mountPath: "/home/runner/_work"),
        VolumeMount(name: "dind-sock", mountPath: "/var/run"),
        VolumeMount(name: "dind-externals", mountPath: "/home/runner/externals"),
      ] + input.volumes.map(\.volumeMount)

    var runner = runner
    runner.environment = [
      EnvironmentVariable("DOCKER_HOST", "unix:///var/run/docker.sock"),
      EnvironmentVariable("RUNNER_WAIT_FOR_DOCKER_IN_SECONDS", "120"),
    ]
    runner.volumeMounts =
      [
        VolumeMount(name: "work", mountPath: "/home/runner/_work"),
        VolumeMount(name: "dind-sock", mountPath: "/var/run"),
      ] + runnerVolumes.map(\.volumeMount)

    var open = self
    open.input.volumes = runnerVolumes
    return PodSpec(
      securityContext: volumeAccess,
      initContainers: open.cachePreparation + [externals, daemon],
      containers: [runner],
      volumes: [
        Volume(name: "work", source: .emptyDirectory),
        Volume(name: "dind-sock", source: .emptyDirectory),
        Volume(name: "dind-externals", source: .emptyDirectory),
      ] + input.volumes.map(\.volume)
    )
  }
}
