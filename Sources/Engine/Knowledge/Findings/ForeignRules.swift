import ARC
import Basics

extension Diagnosis {
  /// Adapts a finding to a scale set that deskrun did not deploy: the evidence is kept, and the fix is addressed to its
  /// manager. deskrun refuses to change such a scale set, so no action is offered.
  static func foreign(_ finding: Finding, _ manager: ScaleSetManager) -> Finding {
    let advice: String? =
      switch finding.action {
      // The same advice applies to every manager.
      case .edit, .restartListener, .clearFailed, .raiseLimit: finding.remedy
      // These remedies describe deskrun's commands.
      case .bringUp, .remove, .upgrade, .recreateCluster, .startCluster, .rebind, .bind: nil
      case nil: hasOwnAdvice(finding.rule) ? nil : finding.remedy
      }
    let who: String =
      switch manager {
      case .unknown: "Change it with the tool that deployed it, which it does not name"
      case .deskrun, .argoCD, .flux, .helm: "It is deployed by \(manager.words): change it there"
      }
    var foreign = Finding(
      finding.rule, finding.installation, finding.severity, finding.title, evidence: finding.evidence,
      remedy: advice.map { "\($0). \(who)" } ?? who)
    foreign.isForeign = true
    return foreign
  }

  /// Whether the remedies of a rule contain deskrun commands that change something.
  private static func hasOwnAdvice(_ rule: FindingRule) -> Bool {
    switch rule {
    case .credentials, .notRegistered, .githubRefuses, .githubUnreachable, .atLimit, .stuckDeleting: true
    default: false
    }
  }
}
