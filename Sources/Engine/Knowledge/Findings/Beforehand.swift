import ARC
import Basics
import Installations
import Tools
import ValuesFiles

extension Diagnosis {
  /// The findings that the desired state of an installation would cause, known before it is deployed.
  ///
  /// - Parameters:
  ///   - installation: the desired installation.
  ///   - values: its Helm values, if known.
  ///   - checks: the checks of this machine.
  package static func beforehand(
    _ installation: Installation, values: MergedValues?, checks: [DoctorCheck]
  ) -> [Finding] {
    var findings: [Finding] = []
    if let values, !values.files.isEmpty { findings = self.values(values.value, installation) }
    if !installation.caches.isEmpty, let check = checks.first(where: { $0.id == "cache-place" }),
      check.verdict == .warning || check.verdict == .bad, let fix = check.fix
    {
      findings.append(
        Finding(
          .cachePlace, installation.name.description, check.verdict == .bad ? .bad : .warning,
          "\(check.title): \(check.finding)", remedy: fix))
    }
    for check in checks where check.id.hasPrefix(HostChecks.mountAccessID) {
      findings.append(
        Finding(
          .hostPath, installation.name.description, .warning, check.finding,
          remedy: check.fix ?? "Allow it to the jobs' user"))
    }
    return findings
  }

  /// What merged values are known to break. Values files are the user's own and may be intended: these are warnings.
  private static func values(_ values: SourcedValue, _ installation: Installation) -> [Finding] {
    let spec = values[["template", "spec"]]
    guard let runner = spec?["containers"]?.item(named: "runner") else { return [] }
    var findings: [Finding] = []
    func found(_ rule: FindingRule, _ value: SourcedValue?, _ title: String, _ remedy: String) {
      let place = value?.place.map { "\($0.text): " } ?? ""
      findings.append(
        Finding(rule, installation.name.description, .warning, place + title, remedy: remedy))
    }
    if runner["command"]?.items?.isEmpty ?? true {
      found(
        .noCommand, runner["command"], "the container runner has no command, so runners exit before they get a job",
        "Add command: [\"/home/runner/run.sh\"] to it")
    }
    if runner["image"]?.json.stringValue?.isEmpty ?? true {
      found(
        .podRefused, runner["image"], "the container runner has no image, so Kubernetes refuses its pods",
        "Add image: \(installation.image ?? ARCCharts.defaultRunnerImage) to it")
    }
    let user = runner["securityContext"]?["runAsUser"] ?? spec?["securityContext"]?["runAsUser"]
    let allows = runner["env"]?.item(named: "RUNNER_ALLOW_RUNASROOT")
    if user?.json.intValue == 0, allows?["value"]?.json == "" || allows == nil {
      found(
        .rootRefused, allows ?? user, "the runner runs as root and refuses that",
        "Set RUNNER_ALLOW_RUNASROOT to \"1\" in its env, or remove runAsUser")
    }
    if installation.mode == .kubernetes, let work = spec?["volumes"]?.item(named: "work"),
      work["ephemeral"] == nil, work["persistentVolumeClaim"] == nil
    {
      found(
        .workClaim, work, "the volume work is not a claim, so job pods cannot share it and jobs with a container fail",
        "Use ephemeral.volumeClaimTemplate, or remove it and use --work-size and --storage-class")
    }
    let host = runner["env"]?.item(named: "DOCKER_HOST")
    if installation.mode == .dind, host?["value"]?.json.stringValue?.hasPrefix("tcp://") == true,
      !listensOnTCP(spec)
    {
      found(
        .dockerMissing, host, "DOCKER_HOST is a TCP address, and the Docker daemon listens on a socket alone",
        "Remove DOCKER_HOST: the daemon listens at unix:///var/run/docker.sock")
    }
    return findings
  }

  /// Whether a Docker daemon in the pod listens on TCP.
  private static func listensOnTCP(_ spec: SourcedValue?) -> Bool {
    ["containers", "initContainers"].contains { list in
      guard let daemon = spec?[list]?.item(named: "dind") else { return false }
      let words = (daemon["args"]?.items ?? []) + (daemon["command"]?.items ?? [])
      return words.contains { $0.json.stringValue?.contains("tcp://") == true }
        // By default the image listens on TCP if it creates certificates or has no arguments.
        || daemon["env"]?.item(named: "DOCKER_TLS_CERTDIR") != nil || words.isEmpty
    }
  }
}
