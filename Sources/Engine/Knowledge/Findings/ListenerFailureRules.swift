import ARC
import Basics
import Installations
import Kubernetes

extension ListenerFailure {
  /// Whether retrying cannot help, so that a single occurrence is sufficient.
  var isFinal: Bool {
    switch self {
    case .unauthorized, .forbidden, .scaleSetGone, .appInstallationGone, .notFound, .conflict, .patchRefused,
      .boundToDeletedSet:
      true
    case .rateLimited, .serverError, .unreachable, .gaveUp, .other: false
    }
  }
}

extension Diagnosis {
  /// The finding for a listener's failure; the caller adds the evidence.
  static func failure(
    _ failure: ListenerFailure, _ status: InstallationStatus, scaleSet: String, _ known: Circumstances
  ) -> Finding {
    let name = status.name
    func made(
      _ rule: FindingRule, _ title: String, _ remedy: String, _ action: FindingAction? = nil,
      _ severity: InstallationStatus.Severity = .bad
    ) -> Finding {
      Finding(rule, name, severity, "\(name): \(title)", remedy: remedy, action: action)
    }
    let permission = status.installation.map { ControllerLog.permission(for: $0.target) } ?? "access to its runners"
    switch failure {
    case .unauthorized:
      return made(
        .credentials, "GitHub rejects its credentials (401)",
        "They are wrong, expired or revoked: give new ones; they need \(permission)", .edit(.credentials))
    case .forbidden:
      return made(
        .credentials, "GitHub does not allow its credentials to manage runners (403)",
        "They need \(permission)", .edit(.credentials))
    case .appInstallationGone:
      return made(
        .credentials, "GitHub knows no such installation of its GitHub App (404)",
        "Check the installation id: it is the number at the end of the address of the app's Configure page",
        .edit(.appInstallation))
    case .notFound:
      return made(
        .credentials, "GitHub does not find its repository, organization or enterprise (404)",
        "The URL is wrong, or the credentials do not give access to it: they need \(permission)", .edit(.unknown))
    case .scaleSetGone: return gone(status, scaleSet, known)
    case .conflict:
      return made(
        .listenerConflict, "another listener has a session for this name with GitHub",
        "After an unclean end the old session ends within some minutes. If it stays, the same name is used on another "
          + "computer or cluster: stop it there, or use another name here")
    case .boundToDeletedSet:
      return made(
        .listenerStale, "its listener is bound to a set of runners that no longer exists",
        "Restart the listener: the controller gives the next one the set that exists", .restartListener)
    case .patchRefused:
      return made(
        .listenerErrors, "Kubernetes does not let its listener change the number of runners",
        "The controller creates the listener's permissions together with it: restart the listener. If it is refused "
          + "again, something in the cluster changes roles or refuses the change; the message names it",
        .restartListener)
    case .rateLimited:
      return made(
        .githubRefuses, "GitHub limits its requests (429), so it gets no jobs meanwhile",
        "Wait: the listener retries automatically. A separate GitHub App has its own limit")
    case .serverError:
      return made(
        .githubRefuses, "GitHub answers its listener with an internal error (5xx)",
        "See https://www.githubstatus.com; the listener retries automatically")
    case .gaveUp:
      return made(
        .githubRefuses, "GitHub keeps refusing its listener; the listener does not log the answer",
        "Usually a rate limit (429) or an error of GitHub's (https://www.githubstatus.com); the listener retries "
          + "itself")
    case .unreachable:
      return made(
        .githubUnreachable, "the cluster cannot reach GitHub, so it gets no jobs",
        "Check the network, DNS, proxy and firewall of this computer; the listener retries automatically")
    case .other:
      return made(
        .listenerErrors, "its listener keeps reporting errors",
        "Its log (`deskrun logs \(name) --listener`) says more; restart it if that does not help", .restartListener,
        .warning)
    }
  }

  /// A scale set that was deleted on GitHub. Its id remains in the cluster: up to 0.14 every listener requests it
  /// again, while newer controllers register it again when they create a listener.
  private static func gone(_ status: InstallationStatus, _ scaleSet: String, _ known: Circumstances) -> Finding {
    let registersAgain =
      known.snapshot?.controller.flatMap { ARCRelease($0.version) }?.isInPlaceGeneration == true
    return Finding(
      .scaleSetGone, status.name, .bad, "\(status.name): GitHub no longer knows its scale set",
      remedy: registersAgain
        ? "Restart the listener: the controller registers the scale set again"
        : "Remove \(status.name) and add it again: the cluster keeps the old id, so a restart of the listener does not help",
      action: registersAgain ? .restartListener : .remove)
  }

  /// Whether the reason for a missing listener is known.
  static func isListenerRefused(_ sets: [String], _ known: Circumstances) -> Bool {
    sets.contains { known.refusals[$0]?.contains { $0.missing == .listener } == true }
  }

  /// Findings that only the controller's log provides.
  static func refused(_ status: InstallationStatus, _ known: Circumstances, _ snapshot: Snapshot) -> [Finding] {
    var findings: [Finding] = []
    for set in status.scaleSets.map(\.id) {
      for refusal in known.refusals[set] ?? [] {
        // The controller retries creating a listener with increasing delays; the existence of a listener shows when
        // that is over.
        guard refusal.missing == .listener || known.now - (refusal.at ?? known.now) < problemSeconds else { continue }
        let seen = ["log of the controller\(ago(refusal.at, known.now)): \(refusal.text)"]
        switch refusal.missing {
        case .listener:
          // An existing listener shows that the refusal is over.
          guard snapshot.listener(of: set) == .absent else { continue }
          if refusal.failure == .other || refusal.failure == .forbidden {
            findings.append(
              Finding(
                .listenerRefused, status.name, .bad, "\(status.name): the pod of its listener cannot be created",
                evidence: seen,
                remedy: "The message says who refuses it: a quota or an admission policy of the cluster. What the pod "
                  + "lacks must be set in listenerTemplate of the values file (`deskrun edit \(status.name) --values FILE`); "
                  + "`deskrun up` does not help", action: .edit(.values)))
          } else {
            var finding = failure(refusal.failure, status, scaleSet: set, known)
            finding.evidence = seen
            findings.append(finding)
          }
        case .runnerConfiguration:
          guard snapshot.runners.contains(where: { $0.scaleSet == set && $0.isBare }) else { continue }
          var finding = failure(refusal.failure, status, scaleSet: set, known)
          finding.rule = .jitRefused
          finding.title = "\(status.name): GitHub gives no configuration to its new runners"
          finding.evidence = seen
          findings.append(finding)
        case .runnerPod:
          guard snapshot.runners.contains(where: { $0.scaleSet == set && $0.isBare }),
            let admission = PodAdmission(refusal.text)
          else { continue }
          let isIdle = status.counts.idle + status.counts.busy == 0
          findings.append(
            Finding(
              admission.rule, status.name, isIdle ? .bad : .warning, "\(status.name): \(admission.title)",
              evidence: seen,
              remedy: admission.remedy(refusal.text), action: admission.option(refusal.text).map(FindingAction.edit)))
        }
      }
    }
    return findings
  }
}
