import Basics

/// Why none, or only some, of an installation's runners can run in a cluster.
package struct FitProblem: Sendable, Equatable {
  /// The subject. Two problems of the same kind are the same, even if the amounts in their texts differ.
  package enum Kind: Sendable, Hashable {
    case storageClass, accessMode, podSecurity, proxySecret
    case quota(name: String, resource: String)
    case limitRange(name: String, resource: String)
    case claim(String)
    case nodeSelector, windows, arm, taints, nodeSize
  }

  package var kind: Kind
  /// Whether no runner could start, so that nothing is deployed. Otherwise it is only a warning.
  package var isRefusal: Bool
  package var what: String
  package var why: String?
  package var fix: String

  var error: EngineError { EngineError(.invalid, what, why: why, fix: fix) }

  /// The problem as a warning of a plan.
  var warning: String { "\(what)\(why.map { ": \($0)" } ?? ""). \(fix)." }
}

/// Compares a runner's requirements with what a cluster provides.
package enum ClusterFit {
  /// All known problems that would prevent runners from running, refusals first.
  package static func problems(_ need: RunnerNeed, _ facts: ClusterFacts) -> [FitProblem] {
    let all =
      storage(need, facts) + claims(need, facts) + podSecurity(need, facts) + proxySecret(need, facts)
      + quotas(need, facts) + limitRanges(need, facts) + nodes(need, facts)
    return all.filter(\.isRefusal) + all.filter { !$0.isRefusal }
  }

  /// What could not be checked for an installation, as a sentence; nil if everything was checked.
  package static func unchecked(_ need: RunnerNeed, _ facts: ClusterFacts) -> String? {
    let unread = ClusterFacts.Kind.allCases.filter { kind in
      switch kind {
      case _ where facts.knows(kind): false
      case .storageClasses: need.workClaim != nil
      case .claims: !need.installation.settings.cacheClaims.isEmpty
      case .proxySecret: need.installation.settings.proxy.secret != nil
      case .nodes, .namespace, .quotas, .limitRanges: true
      }
    }
    guard let first = unread.first, let error = facts.unread[first] else { return nil }
    return "Not checked beforehand, because it could not be read: \(unread.map(\.title).joined(separator: ", ")) "
      + "(\(SafeText.line(error.why ?? error.what)))."
  }

  static func proxySecret(_ need: RunnerNeed, _ facts: ClusterFacts) -> [FitProblem] {
    guard let name = need.installation.settings.proxy.secret, facts.knows(.proxySecret) else { return [] }
    let missing = ["username", "password"].filter { facts.proxyKeys?.contains($0) != true }
    guard !missing.isEmpty else { return [] }
    return [
      FitProblem(
        kind: .proxySecret, isRefusal: true,
        what: facts.proxyKeys == nil
          ? "The namespace \(facts.namespace) has no Secret \(name), which --proxy-secret names"
          : "The Secret \(name) in namespace \(facts.namespace) has no \(missing.joined(separator: " and no "))",
        why: "ARC reads the keys username and password of it, and starts no listener without them",
        fix: "Create it: `kubectl create secret generic \(name) -n \(facts.namespace) --from-file=username=FILE "
          + "--from-file=password=FILE`")
    ]
  }
}
