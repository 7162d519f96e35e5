import ARC
import Installations
import Tools

extension Diagnosis {
  /// What can be known before an installation is deployed: the findings its desired state would end in.
  ///
  /// - Parameters:
  ///   - installation: as it is to be.
  ///   - values: the text of its values file, when it has one.
  ///   - checks: of this computer.
  package static func beforehand(_ installation: Installation, values: String?, checks: [DoctorCheck]) -> [Finding] {
    var findings = values.map { self.values($0, installation) } ?? []
    if !installation.caches.isEmpty, let check = checks.first(where: { $0.id == "cache-place" }),
      check.verdict == .warning || check.verdict == .bad, let fix = check.fix
    {
      findings.append(
        Finding(
          .cachePlace, installation.name.description, check.verdict == .bad ? .bad : .warning,
          "\(check.title): \(check.finding)", remedy: fix))
    }
    return findings
  }

  /// What a values file is known to break. It is the user's own and may mean it so: these are warnings. Lists in it take
  /// the place of deskrun's as a whole (Helm merges maps, not lists), which is how most of this comes about.
  private static func values(_ text: String, _ installation: Installation) -> [Finding] {
    let name = installation.name.description
    let lines = text.split(whereSeparator: \.isNewline).map(uncommented).filter { !$0.isEmpty }
    func has(_ word: String) -> Bool { lines.contains { $0 == word || $0.hasPrefix(word + " ") } }
    func hasItem(_ value: String) -> Bool { lines.contains("- name: \(value)") || lines.contains("name: \(value)") }
    func made(_ rule: FindingRule, _ title: String, _ remedy: String) -> Finding {
      Finding(rule, name, .warning, "the values file \(title)", remedy: remedy)
    }
    var findings: [Finding] = []
    let setsRunner = has("containers:") && hasItem("runner")
    if setsRunner, !has("command:") {
      findings.append(
        made(
          .noCommand, "has a container runner without a command: runners would end at once, again and again",
          "Add command: [\"/home/runner/run.sh\"] to it"))
    }
    if setsRunner, !has("image:") {
      findings.append(
        made(
          .podRefused, "has a container runner without an image: Kubernetes would refuse its pods",
          "Add image: \(installation.image ?? ARCCharts.defaultRunnerImage) to it"))
    }
    if lines.contains("runAsUser: 0"), !text.contains("RUNNER_ALLOW_RUNASROOT"),
      installation.mode != .cachedPrivilegedKubernetes
    {
      findings.append(
        made(
          .rootRefused, "runs the runner as root, and the runner refuses that",
          "Set RUNNER_ALLOW_RUNASROOT to \"1\" in its env, or leave runAsUser out"))
    }
    if installation.mode != .dind, has("volumes:"), hasItem("work") {
      findings.append(
        made(
          .workClaim, "has a volume named work, which is the mode's own: jobs with a container would fail",
          "Give it another name"))
    }
    if installation.mode == .dind, text.contains("DOCKER_HOST"), text.contains("tcp://") {
      findings.append(
        made(
          .dockerMissing, "sends the runner to Docker over TCP, where nobody listens",
          "Leave DOCKER_HOST out: the daemon beside the runner listens at unix:///var/run/docker.sock"))
    }
    return findings
  }

  /// A line of YAML without its comment and the space around it.
  private static func uncommented(_ line: Substring) -> String {
    var text = line
    if let comment = text.firstRange(of: " #") { text = text[..<comment.lowerBound] }
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text.hasPrefix("#") ? "" : String(text.filter { $0 != "\"" && $0 != "'" })
  }
}
