import Basics

/// Why the API server does not admit a pod, parsed from its message. The patterns are from Kubernetes' admission
/// plugins: staging/src/k8s.io/pod-security-admission/admission, apiserver's plugin/resourcequota, and
/// plugin/pkg/admission/limitranger.
enum PodAdmission: Equatable {
  /// `violates PodSecurity "baseline:latest": …`
  case podSecurity(level: String)
  /// `exceeded quota: NAME, requested: …, used: …, limited: …`
  case quotaExceeded(name: String)
  /// `failed quota: NAME: must specify limits.cpu for: …`
  case quotaDemands(name: String)
  /// `maximum memory usage per Container is 2Gi, but limit is 4Gi`, and similar messages.
  case limitRange

  init?(_ message: String) {
    func word(after start: String, until end: Set<Character>) -> String? {
      guard let range = message.firstRange(of: start) else { return nil }
      return SafeText.line(String(message[range.upperBound...].prefix { !end.contains($0) }))
    }
    if let level = word(after: "violates PodSecurity \"", until: [":", "\""]) {
      self = .podSecurity(level: level)
    } else if let name = word(after: "exceeded quota: ", until: [",", " "]) {
      self = .quotaExceeded(name: name)
    } else if let name = word(after: "failed quota: ", until: [":", " "]) {
      self = .quotaDemands(name: name)
    } else if message.contains(" usage per Container is ") || message.contains(" usage per Pod is ") {
      self = .limitRange
    } else {
      return nil
    }
  }

  var rule: FindingRule {
    switch self {
    case .podSecurity: .podSecurity
    case .quotaExceeded, .quotaDemands: .quota
    case .limitRange: .limitRange
    }
  }

  /// The problem, to follow the installation's name.
  var title: String {
    switch self {
    case .podSecurity(let level): "the namespace enforces the Pod Security level \(level), which refuses its pods"
    case .quotaExceeded(let name): "the quota \(name) of the namespace has no room for its pods"
    case .quotaDemands(let name): "the quota \(name) of the namespace demands amounts that its pods do not name"
    case .limitRange: "a LimitRange of the namespace refuses its pods"
    }
  }

  /// - Parameter message: the original message, which names the amounts.
  func remedy(_ message: String) -> String {
    switch self {
    case .podSecurity:
      "Use a namespace that allows them: `kubectl label namespace NAMESPACE pod-security.kubernetes.io/enforce=privileged "
        + "--overwrite`, or remove the installation and add it with --namespace; where only dind or caches of the host are "
        + "refused, --mode kubernetes and --cache-claim help too"
    case .quotaExceeded:
      "Allow fewer runners, ask for less CPU and memory, or have the quota raised; ARC tries again every 30 seconds"
    case .quotaDemands: "Name CPUs and memory of its runners: --cpus, --memory"
    case .limitRange: "Use amounts that the message allows, or have the LimitRange changed"
    }
  }

  /// The option of `edit` that fixes it.
  func option(_ message: String) -> EditOption? {
    switch self {
    case .podSecurity, .quotaExceeded: nil
    case .quotaDemands, .limitRange: message.contains("memory") ? .memory : .cpus
    }
  }
}
