import ARC
import Basics
import Installations
import Kubernetes
import Tools

/// Why a scale set is not registered with GitHub, according to the controller's log.
package struct RegistrationProblem: Sendable, Equatable {
  package enum Cause: Sendable, Equatable {
    /// The response of GitHub or the network.
    case answer(ListenerFailure)
    /// The controller deleted the scale set, because its version differs from the controller's.
    case versionSkew
  }

  package var error: EngineError
  package var cause: Cause

  package init(error: EngineError, cause: Cause) { (self.error, self.cause) = (error, cause) }
}

/// Finds the cause of problems in the controller's log.
package enum ControllerLog {
  /// Why a scale set is not registered with GitHub, according to the newest relevant line; nil if the log contains none
  /// or shows that it was registered later.
  ///
  /// - Parameters:
  ///   - log: the controller's log, in zap's console or JSON format, with or without kubectl's timestamps.
  ///   - scaleSet: the scale set's `ScaleSetID`.
  ///   - target: its target, which determines the permissions that a token needs.
  ///   - since: ignores older lines, in seconds since 1970; nil for none.
  package static func registrationProblem(
    log: String, scaleSet: String, target: GitHubTarget, since: Int64? = nil
  ) -> EngineError? {
    registration(lines: lines(of: log), scaleSet: scaleSet, target: target, since: since)?.error
  }

  /// As above, from the lines of a log, for callers that look for several scale sets.
  static func registration(
    lines: [Substring], scaleSet: String, target: GitHubTarget, since: Int64? = nil
  ) -> RegistrationProblem? {
    switch registration(lines: lines, scaleSet: scaleSet, since: since) {
    case .error(let error)?:
      RegistrationProblem(
        error: explain(error, scaleSet: scaleSet, target: target), cause: .answer(ListenerFailure(error)))
    case .skew?: RegistrationProblem(error: skew(scaleSet), cause: .versionSkew)
    case nil: nil
    }
  }

  /// The meaning of the newest line about a registration.
  private enum Registration {
    case error(String), skew
  }

  private static func registration(lines: [Substring], scaleSet: String, since: Int64?) -> Registration? {
    for line in lines.reversed() where line.contains(ScaleSetID.name(scaleSet)) {
      let fields = LogFields(line)
      guard isAbout(fields, scaleSet) else { continue }
      if successes.contains(where: fields.message.hasPrefix) { return nil }
      if let since, let time = fields.time, time < since { return nil }
      if fields.message.contains("version doesn't match the build version") { return .skew }
      guard fields.isError, failures.contains(where: fields.message.hasPrefix) else { continue }
      return .error(fields.error ?? fields.message)
    }
    return nil
  }

  /// The newest errors in the end of the controller's log, oldest first; empty if no controller is running.
  ///
  /// - Throws: `EngineError` if the log cannot be read.
  package static func errors(_ api: any KubernetesAPI, limit: Int) async throws -> [String] {
    let log = try await Gathering.controllerLog(api, .seconds(15)) ?? ""
    return lines(of: log).map { LogFields($0) }.filter(\.isError).suffix(limit).map { fields in
      [fields.time.map(Timestamp.text), fields.message, fields.error].compactMap { $0 }.joined(separator: " ")
    }
  }

  /// The lines of a log. Swift treats a carriage return and line feed as one character, which splitting at "\n" would
  /// miss. Each ERROR line is followed by a stack trace, whose lines have no structure and are not useful.
  static func lines(of log: String) -> [Substring] { log.split(whereSeparator: \.isNewline) }

  /// Whether a line is about this scale set, and not about another object with its name: since ARC 0.15 its
  /// EphemeralRunnerSet has the same name.
  private static func isAbout(_ fields: LogFields, _ scaleSet: String) -> Bool {
    if let kind = fields["controllerKind"], kind != "AutoscalingRunnerSet" { return false }
    let name = ScaleSetID.name(scaleSet)
    return isIn(fields, ScaleSetID.namespace(scaleSet))
      && fields.fields.contains { key, value in
        value == name && ["name", "autoscalingrunnerset.name"].contains(key.lowercased())
      }
  }

  /// Whether the object of a line is in a namespace; true if the line contains none.
  static func isIn(_ fields: LogFields, _ namespace: String) -> Bool {
    let said = fields.fields.filter { key, _ in
      let key = key.lowercased()
      return key == "namespace" || key == "autoscalingrunnerset.namespace" || key == "ephemeralrunner.namespace"
    }
    return said.isEmpty || said.contains { $0.value == namespace }
  }

  private static let successes = [
    "Created/Reused a runner scale set", "Successfully added runner scale set ID", "Adding runner scale set ID",
  ]

  private static let failures = [
    "Failed to initialize Actions service client", "Failed to get runner scale set from Actions service",
    "Failed to create a new runner scale set", "Failed to get runner group by name", "Reconciler error",
    "Failed to update runner scale set",
  ]

  /// - Parameter error: the whole error; its status is at the end of a long chain.
  private static func explain(_ error: String, scaleSet: String, target: GitHubTarget) -> EngineError {
    let what = "GitHub does not register the scale set \(scaleSet)"
    let replace = "then give it with `deskrun edit \(scaleSet) --auth-value …`"
    let message = ListenerFailure.shown(error)
    // Addresses and quoted names can contain any words.
    let words = spoken(error)
    func says(_ any: String...) -> Bool { any.contains { words.contains($0) } }

    if says("both pat and github app") {
      return EngineError(
        .unauthorized, what, why: "its Secret holds a token and a GitHub App at once: \(message)",
        fix: "Run `deskrun up`: it writes the Secret again")
    }
    if says("private key", "parse rsa", " pem", "jwt", "json web token") {
      return EngineError(
        .unauthorized, what, why: "the private key or the app id is wrong: \(message)",
        fix: "Check the app id, and create a new key if needed; \(replace)")
    }
    switch ListenerFailure(error) {
    case .unauthorized:
      return EngineError(
        .unauthorized, what,
        why: "GitHub refuses the credentials (401): they are wrong, expired or revoked, or this "
          + "computer's clock is off: \(message)",
        fix: "Create a new token at https://\(target.host)/settings/tokens (\(permission(for: target))), \(replace)")
    case .forbidden:
      return EngineError(
        .unauthorized, what, why: "the credentials may not manage runners there (403): \(message)",
        fix: "They need \(permission(for: target)). Create others, \(replace)")
    case .appInstallationGone:
      return EngineError(
        .unauthorized, what, why: "GitHub knows no such installation of the GitHub App (404): \(message)",
        fix: "Check the installation id at https://\(target.host) → Settings → GitHub Apps → Configure (the number at "
          + "the end of the address), then `deskrun edit \(scaleSet) --app-installation-id ID`")
    case .notFound, .scaleSetGone:
      return EngineError(
        .unauthorized, what,
        why: "\(target.url) does not exist, or the credentials may not see it (404): \(message)",
        fix:
          "Check the address; the credentials need \(permission(for: target)). Change either with `deskrun edit \(scaleSet)`"
      )
    case .rateLimited:
      return EngineError(
        .unreachable, what, why: "GitHub limits the requests of these credentials (429): \(message)",
        fix: "Wait: the controller retries automatically. A separate GitHub App has its own limit")
    case .serverError:
      return EngineError(
        .unreachable, what, why: "GitHub answers with an internal error: \(message)",
        fix: "See https://www.githubstatus.com; the controller retries automatically")
    case .gaveUp:
      return EngineError(
        .unreachable, what, why: message,
        fix: "The controller retries automatically. It gave up after several tries and does not log GitHub's answer: "
          + "usually a rate limit (429) or an error of GitHub's (https://www.githubstatus.com)")
    case .unreachable:
      return EngineError(
        .unreachable, what, why: "the cluster cannot reach \(target.host): \(message)",
        fix: "Check the network, proxy and firewall of this computer; the controller retries automatically")
    case .conflict, .patchRefused, .boundToDeletedSet, .other: break
    }
    if says("invalid config url", "invalid githubconfigurl", "failed to parse github config url") {
      return EngineError(
        .invalid, what, why: "its address is not understood: \(message)",
        fix: "Give the right one with `deskrun edit \(scaleSet) --repository URL`")
    }
    if says("secret"), says("not found") {
      return EngineError(
        .failed, what, why: "its Secret is missing in the cluster: \(message)",
        fix: "`deskrun up` creates it again")
    }
    if says("runner group"), says("not found", "no runner group") {
      return EngineError(
        .failed, what, why: "its runner group does not exist: \(message)",
        fix: "Take runnerGroup out of the values file, or create the group on GitHub")
    }
    return EngineError(
      .failed, what, why: message, fix: "`deskrun logs --controller` shows its whole log")
  }

  /// A message in lowercase, without quoted text and addresses.
  private static func spoken(_ message: String) -> String {
    message.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 0 }
      .map(\.element).joined(separator: " ").split(separator: " ").filter { $0.firstRange(of: "://") == nil }
      .joined(separator: " ").lowercased()
  }

  /// The permissions that credentials need for a target (GitHub's documentation, "Authenticating ARC").
  package static func permission(for target: GitHubTarget) -> String {
    switch target.scope {
    case .repository:
      "classic: scope repo; fine-grained or GitHub App: Administration read and write for \(target.path)"
    case .organization(let name):
      "classic: scope admin:org; fine-grained: Self-hosted runners read and write for \(name), and Administration read; "
        + "GitHub App: Self-hosted runners read and write"
    case .enterprise: "classic: scope manage_runners:enterprise"
    }
  }

  private static func skew(_ scaleSet: String) -> EngineError {
    EngineError(
      .failed, "The controller deleted the scale set \(scaleSet)", why: "Its version is not the controller's",
      fix: "Run `deskrun upgrade`: it brings controller and scale sets to one version")
  }
}
