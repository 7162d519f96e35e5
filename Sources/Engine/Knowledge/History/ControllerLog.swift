import ARC
import Basics
import Installations

/// Reads the controller's log for the reason why something is not as it should be.
package enum ControllerLog {
  /// Why a scale set is not registered at GitHub, from the newest line that tells, or nil when the log does not say or
  /// says that it was registered after all.
  ///
  /// - Parameters:
  ///   - log: the controller's log, in zap's console or JSON form, with or without kubectl's time stamps.
  ///   - scaleSet: the scale set's name.
  ///   - target: what it serves, which decides which permission a token must have.
  ///   - since: lines older than this, in seconds since 1970, do not count; nil counts all.
  package static func registrationProblem(
    log: String, scaleSet: String, target: GitHubTarget, since: Int64? = nil
  ) -> EngineError? {
    for line in log.split(separator: "\n").reversed() where line.contains(scaleSet) {
      let fields = LogFields(line)
      guard fields.names(scaleSet) else { continue }
      if successes.contains(where: fields.message.hasPrefix) { return nil }
      if let since, let time = fields.time, time < since { return nil }
      if fields.message.contains("version doesn't match the build version") { return skew(scaleSet) }
      guard fields.isError, failures.contains(where: fields.message.hasPrefix) else { continue }
      let words = SecretMask.masked(SafeText.line(fields.error ?? fields.message))
      return explain(String(words.prefix(600)), scaleSet: scaleSet, target: target)
    }
    return nil
  }

  private static let successes = [
    "Created/Reused a runner scale set", "Successfully added runner scale set ID", "Adding runner scale set ID",
  ]

  private static let failures = [
    "Failed to initialize Actions service client", "Failed to get runner scale set from Actions service",
    "Failed to create a new runner scale set", "Failed to get runner group by name", "Reconciler error",
    "Failed to update runner scale set",
  ]

  private static func explain(_ message: String, scaleSet: String, target: GitHubTarget) -> EngineError {
    let what = "GitHub does not register the scale set \(scaleSet)"
    let replace = "then give it with `deskrun edit \(scaleSet) --auth-value …`"
    let lower = message.lowercased()
    func says(_ words: String...) -> Bool { words.contains { lower.contains($0) } }

    if says("both pat and github app") {
      return EngineError(
        .unauthorized, what, why: "its Secret holds a token and a GitHub App at once: \(message)",
        fix: "Run `deskrun up`: it writes the Secret anew")
    }
    if says("private key", "parse rsa", "pem", "jwt") {
      return EngineError(
        .unauthorized, what, why: "the private key or the app id is wrong: \(message)",
        fix: "Check the app id, and make a new key if need be; \(replace)")
    }
    if says("statuscode 401", "401 unauthorized", "bad credentials", "status code 401", "http 401") {
      return EngineError(
        .unauthorized, what,
        why: "GitHub refuses the credentials (401): they are wrong, expired or revoked, or this "
          + "computer's clock is off: \(message)",
        fix: "Make a new token at https://\(target.host)/settings/tokens (\(permission(for: target))), \(replace)")
    }
    if says("statuscode 403", "403 forbidden", "status code 403", "http 403", "resource not accessible") {
      return EngineError(
        .unauthorized, what, why: "the credentials may not manage runners there (403): \(message)",
        fix: "They need \(permission(for: target)). Make others, \(replace)")
    }
    if says("statuscode 404", "404 not found", "status code 404", "http 404") {
      return EngineError(
        .unauthorized, what,
        why: "\(target.url) does not exist, or the credentials may not see it (404): \(message)",
        fix:
          "Check the address; the credentials need \(permission(for: target)). Change either with `deskrun edit \(scaleSet)`"
      )
    }
    if says("invalid config url", "invalid githubconfigurl", "failed to parse github config url") {
      return EngineError(
        .invalid, what, why: "its address is not understood: \(message)",
        fix: "Give the right one with `deskrun edit \(scaleSet) --repository URL`")
    }
    if says("secret"), says("not found") {
      return EngineError(
        .failed, what, why: "its Secret is missing in the cluster: \(message)",
        fix: "Run `deskrun up`: it makes it again")
    }
    if says("runner group"), says("not found", "no runner group") {
      return EngineError(
        .failed, what, why: "its runner group does not exist: \(message)",
        fix: "Take runnerGroup out of the values file, or make the group on GitHub")
    }
    if says("no such host", "dial tcp", "i/o timeout", "connection refused", "tls handshake", "x509") {
      return EngineError(
        .unreachable, what, why: "the cluster cannot reach \(target.host): \(message)",
        fix: "Check the network, proxy and firewall of this computer; the controller tries again by itself")
    }
    return EngineError(
      .failed, what, why: message, fix: "`deskrun logs \(scaleSet) --controller` shows all the controller says")
  }

  /// What credentials must be allowed to, for what is served (GitHub's documentation, "Authenticating ARC").
  package static func permission(for target: GitHubTarget) -> String {
    switch target.scope {
    case .repository:
      "a classic token the scope repo; a fine-grained one Administration: read and write for \(target.path); "
        + "a GitHub App the same"
    case .organization(let name):
      "a classic token the scope admin:org; a fine-grained one Self-hosted runners: read and write for \(name), and "
        + "Administration: read; a GitHub App Self-hosted runners: read and write"
    case .enterprise: "a classic token the scope manage_runners:enterprise"
    }
  }

  private static func skew(_ scaleSet: String) -> EngineError {
    EngineError(
      .failed, "The controller deleted the scale set \(scaleSet)", why: "Its version is not the controller's",
      fix: "Run `deskrun upgrade`: it brings controller and scale sets to one version")
  }
}
