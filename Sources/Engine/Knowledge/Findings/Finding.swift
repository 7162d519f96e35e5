import Basics

/// Something that is not well: what was seen, why it is so, and what helps.
package struct Finding: Sendable, Equatable, Identifiable {
  /// The rule and what it is about.
  package var id: String { "\(rule.rawValue)/\(installation ?? "")" }
  /// The rule that found it.
  package var rule: FindingRule
  /// The installation it is about, or nil for all.
  package var installation: String?
  /// How bad it is.
  package var severity: InstallationStatus.Severity
  /// One sentence that names the cause.
  package var title: String
  /// What was seen, where and when: objects and their own words.
  package var evidence: [String]
  /// What to do, in words that hold for every front end.
  package var remedy: String
  /// What deskrun can do about it itself.
  package var action: FindingAction?
  /// The runners that `clearFailed` is to delete, where it is about certain ones.
  package var runners: [String]
  /// Whether it is about a scale set that deskrun only looks at.
  package var isForeign = false

  /// Describes a finding.
  package init(
    _ rule: FindingRule, _ installation: String?, _ severity: InstallationStatus.Severity, _ title: String,
    evidence: [String] = [], remedy: String, action: FindingAction? = nil, runners: [String] = []
  ) {
    self.rule = rule
    self.installation = installation
    self.severity = severity
    // Much of it is what Kubernetes, the kubelet and tools say.
    self.title = SecretMask.masked(SafeText.line(title))
    self.evidence = evidence.map { SecretMask.masked(SafeText.line($0)) }
    self.remedy = SecretMask.masked(SafeText.line(remedy))
    self.action = action
    self.runners = runners
  }
}

/// What deskrun can do about a finding.
package enum FindingAction: Sendable, Equatable {
  /// Start the node, or create the cluster.
  case startCluster
  /// Make the cluster match the configuration, for one installation or for all.
  case bringUp
  /// Delete the runners that fail.
  case clearFailed
  /// Delete the listener's pod; the controller makes another.
  case restartListener
  /// Allow more runners.
  case raiseLimit(to: Int)
  /// Change the installation.
  case edit(EditOption)
  /// Bring controller and scale sets to one version.
  case upgrade
  /// Take the installation away.
  case remove
  /// Delete the cluster and make it again; configuration and caches stay.
  case recreateCluster
  /// Bind the installation to the context that its cluster has now.
  case rebind

  /// The command that does it; nil where nobody knows which option it needs.
  package func command(_ installation: String?) -> String? {
    let name = installation ?? "NAME"
    return switch self {
    case .startCluster: "deskrun up"
    case .bringUp: installation.map { "deskrun up \($0)" } ?? "deskrun up"
    case .clearFailed: "deskrun why \(name) --fix"
    case .restartListener: "deskrun why \(name) --fix"
    case .raiseLimit(let limit): "deskrun scale \(name) --max-runners \(limit)"
    case .edit(.unknown): nil
    case .edit(let option): "deskrun edit \(name) \(option.rawValue)"
    case .upgrade: "deskrun upgrade"
    case .remove: "deskrun remove \(name)"
    case .recreateCluster: "deskrun down && deskrun up"
    case .rebind: "deskrun edit \(name) --context CONTEXT"
    }
  }
}

/// The option of `deskrun edit` that helps, with what is to be filled in written in capitals.
package enum EditOption: String, Sendable, CaseIterable {
  case credentials = "--auth-value @FILE"
  case appInstallation = "--app-installation-id ID"
  case url = "--repository URL"
  case image = "--image IMAGE"
  case defaultImage = "--no-image"
  case pullPolicy = "--pull-policy IfNotPresent"
  case storageClass = "--storage-class CLASS"
  case toleration = "--toleration KEY"
  case nodeSelector = "--node-selector KEY=VALUE"
  case memory = "--memory SIZE"
  case cpus = "--cpus CPUS"
  case values = "--values FILE"
  /// Which one depends on what the finding's words name.
  case unknown = ""
}

/// The rules. Their names are stable: scripts and the demo know them.
package enum FindingRule: String, Sendable, CaseIterable {
  case toolsMissing = "tools-missing"
  case clusterStopped = "cluster-stopped"
  case clusterHalfCreated = "cluster-half-created"
  case contextMissing = "context-missing"
  case clusterChanged = "cluster-changed"
  case controllerMissing = "controller-missing"
  case controllerNotReady = "controller-not-ready"
  case versionSkew = "version-skew"
  case nodeLost = "node-lost"
  case inotify
  case disk
  case cachePlace = "cache-place"
  case nodeMounts = "node-mounts"
  case notDeployed = "not-deployed"
  case notConfigured = "not-configured"
  case credentials
  case notRegistered = "not-registered"
  case listenerMissing = "listener-missing"
  case listenerFailing = "listener-failing"
  case listenerConflict = "listener-conflict"
  case listenerErrors = "listener-errors"
  case listenerRefused = "listener-refused"
  case listenerStale = "listener-stale"
  case scaleSetGone = "scale-set-gone"
  case githubUnreachable = "github-unreachable"
  case githubRefuses = "github-refuses"
  case jitRefused = "jit-refused"
  case outdated
  case atLimit = "at-limit"
  case queueStuck = "queue-stuck"
  case limitLost = "limit-lost"
  case drift
  case valuesChanged = "values-changed"
  case noCommand = "no-command"
  case rootRefused = "root-refused"
  case cycling
  case imagePull = "image-pull"
  case registryLimit = "registry-limit"
  case podRefused = "pod-refused"
  case podRejected = "pod-rejected"
  case podSecurity = "pod-security"
  case quota
  case limitRange = "limit-range"
  case unschedulable
  case mountFails = "mount-fails"
  case hostPath = "host-path"
  case containerFails = "container-fails"
  case outOfMemory = "out-of-memory"
  case evicted
  case neverRegistered = "never-registered"
  case registrationLost = "registration-lost"
  case podGone = "pod-gone"
  case stuckDeleting = "stuck-deleting"
  case stuckFinished = "stuck-finished"
  case needsContainer = "needs-container"
  case dockerMissing = "docker-missing"
  case workClaim = "work-claim"
  case hookFails = "hook-fails"
  case accessDenied = "access-denied"
  case jobCannotStart = "job-cannot-start"
}
