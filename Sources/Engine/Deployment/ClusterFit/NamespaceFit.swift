import ARC
import Basics
import Installations

extension ClusterFit {
  /// Pod Security admission. Only the namespace's labels can be read: cluster-wide defaults and exemptions are in a
  /// file of the API server.
  static func podSecurity(_ need: RunnerNeed, _ facts: ClusterFacts) -> [FitProblem] {
    guard facts.knows(.namespace), let level = facts.enforcedLevel, level == "baseline" || level == "restricted" else {
      return []
    }
    let violations = need.baselineViolations + (level == "restricted" ? need.restrictedViolations : [])
    guard !violations.isEmpty else { return [] }
    let installation = need.installation
    let label = "pod-security.kubernetes.io/enforce=\(level)"
    let allowed =
      "Use a namespace that allows it: --namespace NAME, or `kubectl label namespace \(facts.namespace) "
      + "pod-security.kubernetes.io/enforce=privileged --overwrite`"
    let fix: String
    if need.baselineViolations.isEmpty {
      fix = allowed + ". A values file can set what the level asks for"
    } else if installation.mode == .kubernetes {
      fix = "Use --cache-claim instead of host paths. \(allowed)"
    } else {
      fix = "Use --mode kubernetes. \(allowed)"
    }
    return [
      FitProblem(
        kind: .podSecurity, isRefusal: true,
        what: "The namespace \(facts.namespace) refuses the pods of \(installation.name) (\(label))",
        why: violations.joined(separator: ", "), fix: fix)
    ]
  }

  /// A resource of a quota that runners use.
  private struct Counted {
    var resource: String
    /// The option that sets it.
    var option: String
    /// What one runner uses; nil if a container does not set an amount, which a quota rejects.
    var amount: ResourceQuantity?
    var text: (ResourceQuantity) -> String
  }

  private static func counted(_ need: RunnerNeed, _ facts: ClusterFacts) -> [Counted] {
    func total(_ key: String, ofLimits: Bool) -> ResourceQuantity? {
      let defaults = containerDefaults(facts, key)
      let amounts = need.containers.map { container in
        ofLimits
          ? container.limits[key] ?? defaults.limit
          : container.requests[key] ?? defaults.request ?? defaults.limit
      }
      guard amounts.allSatisfy({ $0 != nil }) else { return nil }
      return need.total {
        ofLimits ? $0.limits[key] ?? defaults.limit : $0.requests[key] ?? defaults.request ?? defaults.limit
      }
    }
    let cpu = { (amount: ResourceQuantity) in amount.cpuText }
    let bytes = { (amount: ResourceQuantity) in amount.bytesText }
    var all = [
      Counted(resource: "requests.cpu", option: "--cpus", amount: total("cpu", ofLimits: false), text: cpu),
      Counted(resource: "cpu", option: "--cpus", amount: total("cpu", ofLimits: false), text: cpu),
      Counted(resource: "limits.cpu", option: "--cpus", amount: total("cpu", ofLimits: true), text: cpu),
      Counted(resource: "requests.memory", option: "--memory", amount: total("memory", ofLimits: false), text: bytes),
      Counted(resource: "memory", option: "--memory", amount: total("memory", ofLimits: false), text: bytes),
      Counted(resource: "limits.memory", option: "--memory", amount: total("memory", ofLimits: true), text: bytes),
      Counted(resource: "pods", option: "--max-runners", amount: ResourceQuantity("1"), text: cpu),
      Counted(resource: "count/pods", option: "--max-runners", amount: ResourceQuantity("1"), text: cpu),
    ]
    if let claim = need.workClaim {
      let size = ResourceQuantity(claim["resources"]?["requests"]?["storage"])
      all.append(
        Counted(resource: "requests.storage", option: "--work-size", amount: size ?? ResourceQuantity.none, text: bytes)
      )
      all.append(
        Counted(resource: "persistentvolumeclaims", option: "--max-runners", amount: ResourceQuantity("1"), text: cpu))
    }
    return all
  }

  static func quotas(_ need: RunnerNeed, _ facts: ClusterFacts) -> [FitProblem] {
    guard facts.knows(.quotas) else { return [] }
    let counted = counted(need, facts)
    return facts.quotas.flatMap { quota in
      counted.compactMap { item -> FitProblem? in
        guard let hard = quota.hard[item.resource] else { return nil }
        return problem(
          item, hard: hard, used: quota.used[item.resource] ?? ResourceQuantity.none, quota.name, need, facts)
      }
    }
  }

  private static func problem(
    _ item: Counted, hard: ResourceQuantity, used: ResourceQuantity, _ quota: String, _ need: RunnerNeed,
    _ facts: ClusterFacts
  ) -> FitProblem? {
    let kind = FitProblem.Kind.quota(name: quota, resource: item.resource)
    let place = "the quota \(quota) of namespace \(facts.namespace)"
    guard let amount = item.amount else {
      // Unless a LimitRange provides a default, Kubernetes rejects such pods: "must specify limits.cpu for: runner".
      guard facts.knows(.limitRanges) else { return nil }
      return FitProblem(
        kind: kind, isRefusal: true,
        what: "Pods must name \(item.resource), and those of \(need.installation.name) do not",
        why: "\(place.prefix(1).uppercased() + place.dropFirst()) limits \(item.resource) to \(item.text(hard))",
        fix: need.installation.mode == .dind
          ? "Name amounts of the runner and of its Docker daemon in a values file, or have a LimitRange give defaults"
          : "Name them: \(item.option) AMOUNT, or have a LimitRange give a default")
    }
    guard !amount.isNone else { return nil }
    let limit = "\(place.prefix(1).uppercased() + place.dropFirst()): \(item.resource) \(item.text(hard))"
    let fits = hard.holds(amount)
    guard fits > 0 else {
      return FitProblem(
        kind: kind, isRefusal: true,
        what:
          "A runner of \(need.installation.name) needs \(item.text(amount)) of \(item.resource), more than its namespace "
          + "may use at all",
        why: limit, fix: "Use less (\(item.option)), or raise the quota")
    }
    let left = hard.less(used).holds(amount)
    guard fits < need.most || left == 0 else { return nil }
    let pods = need.installation.mode == .dind ? "" : ". The pods of jobs count too"
    return FitProblem(
      kind: kind, isRefusal: false,
      what: fits < need.most
        ? "At most \(fits) of the \(need.most) runners of \(need.installation.name) fit into the quota \(quota)"
        : "The quota \(quota) has no room left for a runner of \(need.installation.name)",
      why: "\(limit), of which \(item.text(used)) is used; a runner needs \(item.text(amount))",
      fix: "Allow fewer runners (--max-runners) or raise the quota\(pods)")
  }

  /// The defaults for a container that sets no limits and requests.
  private static func containerDefaults(
    _ facts: ClusterFacts, _ key: String
  ) -> (limit: ResourceQuantity?, request: ResourceQuantity?) {
    let entries = facts.limits.filter { $0.type == "Container" }
    // Without a default, Kubernetes uses the maximum (apis/core/v1/defaults.go).
    return (
      entries.compactMap { $0.limit[key] ?? $0.maximum[key] }.first, entries.compactMap { $0.request[key] }.first
    )
  }

  static func limitRanges(_ need: RunnerNeed, _ facts: ClusterFacts) -> [FitProblem] {
    guard facts.knows(.limitRanges) else { return [] }
    return facts.limits.flatMap { limit -> [FitProblem] in
      switch limit.type {
      case "Container": containerLimits(limit, need, facts)
      case "Pod": podLimits(limit, need, facts)
      case "PersistentVolumeClaim": claimLimits(limit, need, facts)
      default: []
      }
    }
  }

  private static let kinds: [(key: String, option: String, text: @Sendable (ResourceQuantity) -> String)] = [
    ("cpu", "--cpus", { $0.cpuText }), ("memory", "--memory", { $0.bytesText }),
  ]

  /// Worded like Kubernetes' own messages (plugin/pkg/admission/limitranger).
  private static func refusal(
    _ limit: ClusterFacts.Limit, _ key: String, _ bound: String, _ amount: String, _ used: String, _ option: String,
    _ need: RunnerNeed, _ facts: ClusterFacts
  ) -> FitProblem {
    FitProblem(
      kind: .limitRange(name: limit.range, resource: key), isRefusal: true,
      what:
        "The LimitRange \(limit.range) of namespace \(facts.namespace) refuses the pods of \(need.installation.name)",
      why: "\(bound) \(key) usage per \(limit.type) is \(amount), but \(used)",
      fix: "Use another amount (\(option)), or change the LimitRange")
  }

  private static func containerLimits(
    _ limit: ClusterFacts.Limit, _ need: RunnerNeed, _ facts: ClusterFacts
  ) -> [FitProblem] {
    var found: [FitProblem] = []
    for (key, option, text) in kinds {
      let standard = limit.limit[key] ?? limit.maximum[key]
      for container in need.containers {
        let most = container.limits[key] ?? standard
        let least = container.requests[key] ?? limit.request[key] ?? most
        if let maximum = limit.maximum[key], let most, maximum.isLess(than: most) {
          found.append(
            refusal(
              limit, key, "maximum", text(maximum), "limit of \(container.name) is \(text(most))", option, need, facts))
        } else if let minimum = limit.minimum[key], let least, least.isLess(than: minimum) {
          found.append(
            refusal(
              limit, key, "minimum", text(minimum), "request of \(container.name) is \(text(least))", option, need,
              facts))
        } else if container.name == "runner", container.limits[key] == nil, let standard {
          found.append(
            FitProblem(
              kind: .limitRange(name: limit.range, resource: key), isRefusal: false,
              what: "Runners of \(need.installation.name) get a limit of \(text(standard)) of \(key)",
              why:
                "The LimitRange \(limit.range) of namespace \(facts.namespace) gives it to containers that name none",
              fix: "Name another with \(option)"))
        }
      }
    }
    return found
  }

  private static func podLimits(
    _ limit: ClusterFacts.Limit, _ need: RunnerNeed, _ facts: ClusterFacts
  ) -> [FitProblem] {
    kinds.compactMap { key, option, text in
      guard let maximum = limit.maximum[key] else { return nil }
      let standard = containerDefaults(facts, key).limit
      guard need.containers.allSatisfy({ $0.limits[key] ?? standard != nil }) else {
        return refusal(limit, key, "maximum", text(maximum), "no limit is specified", option, need, facts)
      }
      let most = need.total { $0.limits[key] ?? standard }
      guard maximum.isLess(than: most) else { return nil }
      return refusal(limit, key, "maximum", text(maximum), "limit is \(text(most))", option, need, facts)
    }
  }

  private static func claimLimits(
    _ limit: ClusterFacts.Limit, _ need: RunnerNeed, _ facts: ClusterFacts
  ) -> [FitProblem] {
    guard let size = ResourceQuantity(need.workClaim?["resources"]?["requests"]?["storage"]) else { return [] }
    if let maximum = limit.maximum["storage"], maximum.isLess(than: size) {
      return [
        refusal(
          limit, "storage", "maximum", maximum.bytesText, "request is \(size.bytesText)", "--work-size", need, facts)
      ]
    }
    if let minimum = limit.minimum["storage"], size.isLess(than: minimum) {
      return [
        refusal(
          limit, "storage", "minimum", minimum.bytesText, "request is \(size.bytesText)", "--work-size", need, facts)
      ]
    }
    return []
  }
}
