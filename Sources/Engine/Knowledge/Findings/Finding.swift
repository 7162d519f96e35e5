import Basics
import Installations
import Tools

/// A problem: what is wrong, the evidence, and how to fix it.
package struct Finding: Sendable, Equatable, Identifiable {
  /// The rule and the installation.
  package var id: String { "\(rule.rawValue)/\(installation ?? "")" }
  package var rule: FindingRule
  /// The installation it is about; nil for all.
  package var installation: String?
  package var severity: InstallationStatus.Severity
  /// One sentence that states the cause.
  package var title: String
  /// The evidence: objects, times and original messages.
  package var evidence: [String]
  /// The fix, in words that apply to commands and dashboard.
  package var remedy: String
  /// The fix that deskrun can apply itself.
  package var action: FindingAction?
  /// The runners that `clearFailed` deletes, if the finding is about certain ones.
  package var runners: [String]
  /// Whether it is about a scale set that deskrun does not manage.
  package var isForeign = false

  package init(
    _ rule: FindingRule, _ installation: String?, _ severity: InstallationStatus.Severity, _ title: String,
    evidence: [String] = [], remedy: String, action: FindingAction? = nil, runners: [String] = []
  ) {
    self.rule = rule
    self.installation = installation
    self.severity = severity
    // Much of it is text from Kubernetes, the kubelet and other tools.
    self.title = SecretMask.masked(SafeText.line(title))
    self.evidence = evidence.map { SecretMask.masked(SafeText.line($0)) }
    self.remedy = SecretMask.masked(SafeText.line(remedy))
    self.action = action
    self.runners = runners
  }
}

/// A fix that deskrun can apply.
package enum FindingAction: Sendable, Equatable {
  /// Starts the node, or creates the cluster.
  case startCluster
  /// Brings the cluster to the configured state, for one installation or for all.
  case bringUp
  /// Deletes failing runners.
  case clearFailed
  /// Deletes the listener, which the controller recreates.
  case restartListener
  /// Raises the maximum number of runners.
  case raiseLimit(to: Int)
  /// Changes an option of the installation.
  case edit(EditOption)
  /// Upgrades controller and scale sets to the same version.
  case upgrade
  /// Removes the installation.
  case remove
  /// Deletes and recreates the cluster; configuration and caches are kept.
  case recreateCluster
  /// Binds the installation to the current context of its cluster, which only the user knows.
  case rebind
  /// Binds the installation to this context, which leads to its cluster.
  case bind(ClusterTarget)

  /// The command that applies the fix; nil if the option that it needs is unknown.
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
    case .bind(let target): "deskrun edit \(name) \(target.options)"
    }
  }
}

/// The option of `deskrun edit` that fixes a problem; the value to fill in is in capitals.
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
  /// It depends on the message of the finding.
  case unknown = ""
}

/// The rules. Their names must not change: scripts and the demo use them.
package enum FindingRule: String, Sendable, CaseIterable {
  case toolsMissing = "tools-missing"
  case clusterStopped = "cluster-stopped"
  case clusterUnreachable = "cluster-unreachable"
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
