import ARC
import Basics
import Installations
import Tools

/// Why runners fail, and how to fix it.
extension Diagnosis {
  /// The failing runners, grouped by cause.
  static func failing(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    var groups: [(code: String, why: String, alike: String, runners: [Runner])] = []
    for runner in status.failing {
      guard case .failing(let why, let word) = runner.state else { continue }
      // The node has its own finding.
      if word == RunnerState.nodeLost { continue }
      // ARC retries once, which may be sufficient.
      if word == "PodFailed", runner.failures < 2 { continue }
      // Kubernetes alternates between failed pulls and back-off; it is the same problem.
      let code = word == "ImagePullBackOff" ? "ErrImagePull" : word
      // Messages may contain the runner's name, and PodFailed the number of failures, neither of which is a different
      // cause.
      let alike = word.contains("PodFail") ? "" : why.replacing(runner.name, with: "NAME")
      if let at = groups.firstIndex(where: { $0.code == code && $0.alike == alike }) {
        groups[at].runners.append(runner)
      } else {
        groups.append((code, why, alike, [runner]))
      }
    }
    return groups.map { group in
      let alive = status.counts.idle + status.counts.busy
      return explain(
        status.name, group.code, group.why, group.runners, alive == 0 ? .bad : .warning, known, status)
    }
  }

  private static func explain(
    _ name: String, _ code: String, _ why: String, _ runners: [Runner], _ severity: InstallationStatus.Severity,
    _ known: Circumstances, _ status: InstallationStatus
  ) -> Finding {
    let seen = "\(names(runners.map(\.name))): \(code): \(why)"
    let count = runners.count == 1 ? "a runner is failing:" : "\(runners.count) runners are failing:"
    func made(
      _ rule: FindingRule, _ title: String, _ remedy: String, _ action: FindingAction?, more: [String] = [],
      severity other: InstallationStatus.Severity? = nil
    ) -> Finding {
      Finding(
        rule, name, other ?? severity, "\(name): \(count) \(title)", evidence: [seen] + more, remedy: remedy,
        action: action, runners: action == .clearFailed ? runners.map(\.name) : [])
    }
    switch code {
    case "ErrImagePull":
      let said = pullMessage(runners, known)
      let cause = said?.failure.cause ?? .unknown
      let pull = pullRemedy(cause)
      return made(
        cause == .rateLimited ? .registryLimit : .imagePull, why, pull.words, pull.isForEdit ? .edit(.image) : nil,
        more: said.map { [$0.message] } ?? [])
    case "InvalidImageName":
      return made(.imagePull, why, "Use an image that exists and that the cluster can pull", .edit(.image))
    case "ErrImageNeverPull":
      return made(
        .imagePull, "the image is not on the node, and its pull policy is Never",
        "Load it into the node (kind load docker-image IMAGE --name CLUSTER), or leave imagePullPolicy out of the values "
          + "file, or use another pull policy", .edit(.pullPolicy))
    case "RegistryUnavailable":
      return made(
        .imagePull, why, "The registry cannot be reached: check the network or proxy; it is retried automatically", nil)
    case "ImageInspectError":
      return made(
        .imagePull, why, "The node cannot read its copy of the image: see the message, and the disk of this computer",
        nil)
    case "OutOfpods", "OutOfcpu", "OutOfmemory", "OutOfephemeral-storage":
      return made(
        .podRejected, why,
        "The node is full: allow fewer runners at once or ask for less in the values file, then clear "
          + "the failed runners", .clearFailed)
    case "Outdated":
      return made(
        .outdated, "GitHub refuses the version of its runner image",
        "Give it a newer image, or the default one", .edit(.image), severity: .bad)
    case "InvalidPod":
      if why.lowercased().contains("duplicate value") {
        return made(
          .podRefused, "its pods are refused: the values contain a duplicate",
          "Remove from the values file what deskrun sets itself (volumes, mounts and containers of the mode)",
          .edit(.values))
      }
      if let admission = PodAdmission(why) {
        return made(
          admission.rule, admission.title,
          admission.remedy(why) + ". Then delete the failed runners, which count until they are gone",
          admission.option(why).map(FindingAction.edit))
      }
      return made(
        .podRefused, "Kubernetes refuses its pods, and they count as runners until they are deleted",
        "Fix what the message names, then delete the failed runners", .edit(.unknown))
    case "OOMKilled":
      return made(
        .outOfMemory, "out of memory",
        "Give its pods more memory, or allow fewer runners at once; then clear the failed runners", .edit(.memory))
    case "Evicted":
      let isDisk = why.lowercased().contains("ephemeral-storage") || why.lowercased().contains("disk")
      return made(
        .evicted, "evicted, the node ran short of \(isDisk ? "disk" : "resources")",
        isDisk
          ? "Free space on this computer (`docker system prune`, `deskrun cache list`)"
          : "Allow fewer runners at once, or give the node more memory", .clearFailed)
    case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
      if why.contains("executable file not found") || why.contains("no such file") {
        return made(
          .containerFails, "its container cannot start: a program in it is missing",
          "A cache or mount may cover a folder of the image, or the image lacks /home/runner/run.sh", .edit(.unknown))
      }
      return made(
        .containerFails, "its container cannot be created", "Fix what the message names: a Secret, ConfigMap or mount",
        .edit(.unknown))
    case "CrashLoopBackOff", "PodFailed", "TooManyPodFailures":
      return keepsFailing(name, why, runners, severity, known) {
        made($0, $1, $2, $3, more: $4, severity: $5)
      }
    default:
      // deskrun has no advice for this reason, so the title is the message of Kubernetes.
      return made(
        .podRejected, why, "See what the message names; then clear the failed runners", .clearFailed)
    }
  }

  private typealias Made = (
    FindingRule, String, String, FindingAction?, [String], InstallationStatus.Severity?
  ) -> Finding

  private static func keepsFailing(
    _ name: String, _ why: String, _ runners: [Runner], _ severity: InstallationStatus.Severity,
    _ known: Circumstances, _ made: Made
  ) -> Finding {
    if let refused = runners.first(where: { known.memory.hints(of: $0.name).contains(.root) })
      ?? known.memory.runners(saying: .root, in: runners[0].scaleSet).last.flatMap({ _ in runners.first })
    {
      return rootRefused(name, refused.name, severity)
    }
    if runners.contains(where: { known.memory.hints(of: $0.name).contains(.deprecated) }) {
      return made(
        .outdated, "GitHub refuses the version of its runner image", "Give it a newer image, or the default one",
        .edit(.image),
        [], nil)
    }
    return made(
      .cycling, why,
      "The runner's log says why it ended; then change the installation, or clear the failed runners", .clearFailed,
      exits(known.memory.recent(runners[0].scaleSet)), nil)
  }

  static func rootRefused(_ name: String, _ runner: String, _ severity: InstallationStatus.Severity) -> Finding {
    Finding(
      .rootRefused, name, severity, "\(name): the runner runs as root and was not told that it may",
      evidence: ["log of \(runner): Must not run interactively with sudo"],
      remedy: "Set RUNNER_ALLOW_RUNASROOT=1 in the values file, or keep the image's own user (1001)",
      action: .edit(.values))
  }

  static func exits(_ ended: [RunnerMemory.Ended], _ count: Int? = nil) -> [String] {
    guard let last = ended.last(where: { $0.exit != nil }) ?? ended.last else { return [] }
    let code =
      last.exit.map { ", the last with exit code \($0.code)\($0.reason.isEmpty ? "" : " (\($0.reason))")" } ?? ""
    return ["\(max(ended.count, count ?? 0)) runners ended within 5 minutes\(code)"]
  }

  /// The kubelet's newest message about the failing pull, other than a back-off.
  private static func pullMessage(_ runners: [Runner], _ known: Circumstances) -> (
    message: String, failure: PullFailure
  )? {
    for runner in runners {
      let containers = known.snapshot?.pod(runner.name)?.containers ?? []
      for container in containers {
        guard case .waiting(let reason, let message) = container.activity,
          ["ErrImagePull", "ImagePullBackOff"].contains(reason)
        else { continue }
        if let message {
          let failure = PullFailure(message, image: container.image)
          if !failure.words.isEmpty { return (message, failure) }
        }
        if let event = known.events.lastWarning(
          about: runner.name,
          where: {
            $0.object == runner.name && $0.reason == "Failed" && $0.message.hasPrefix("Failed to pull image")
          })
        {
          return (event.message, PullFailure(event.message, image: container.image))
        }
      }
    }
    return nil
  }

  private static func pullRemedy(_ cause: PullFailure.Cause) -> (words: String, isForEdit: Bool) {
    switch cause {
    case .notFound, .unknown:
      ("Use an image that exists and that the cluster can pull", true)
    case .denied:
      (
        "The registry refuses the cluster: give an image that anyone may read, or imagePullSecrets in the values file",
        true
      )
    case .rateLimited:
      (
        "The registry limits pulls (429): it is retried automatically. Log in with imagePullSecrets, or load the image "
          + "into the node (kind load docker-image)", false
      )
    case .certificate:
      ("The node does not trust the registry's certificate: a proxy that opens TLS, or a registry of your own", false)
    case .network:
      ("The cluster cannot reach the registry: check network, DNS and proxy; it is retried automatically", false)
    case .platform: ("The image has no variant for this computer's processor: give one that has", true)
    case .diskFull: ("Free space on this computer (`docker system prune`, `deskrun cache list`)", false)
    }
  }
}
