import Basics
import Tools

/// An installation whose context now points to another cluster than the one it was deployed on.
package struct OtherCluster: Sendable, Equatable {
  package var installation: String
  /// The context, with the kubeconfig file if it is not kubectl's default.
  package var context: String
  /// The cluster it was deployed on.
  package var former: ClusterIdentity
  /// The cluster that the context points to now.
  package var current: ClusterIdentity

  /// The problem in one sentence.
  package var what: String {
    "The context \(context) means another cluster than the one that \(installation) was deployed on"
  }

  /// The difference between the two clusters.
  package var why: String {
    let uids = "the namespace kube-system has the uid \(short(current)), not \(short(former))"
    let now = current.server.map { SecretMask.masked(SafeText.line($0)) }
    guard let then = former.server.map({ SecretMask.masked(SafeText.line($0)) }) else {
      return (now.map { "Its server is \($0); " } ?? "There ") + uids
    }
    guard let now else { return "Its server was \(then); now \(uids)" }
    return now == then
      ? "Its server is \(now) as before, and \(uids)" : "Its server was \(then) and is \(now) now; \(uids)"
  }

  /// The alternatives to binding it to another context.
  package var otherWays: String {
    "If \(context) is its cluster, created again: `deskrun edit \(installation) \(options)`. Where its cluster no longer "
      + "exists and it is not to be deployed again: `deskrun remove \(installation) --skip-cluster`"
  }

  /// The command line options that select the context.
  private var options: String

  /// The error for a command that would change the wrong cluster.
  ///
  /// - Parameter kept: another context, which leads to the cluster that it was deployed on; nil if none is known.
  package func error(kept: ClusterTarget? = nil) -> EngineError {
    guard let kept else {
      return EngineError(
        .invalid, what, why: why,
        fix: "Bind \(installation) to the context that its cluster has now: `deskrun edit \(installation) --context "
          + "CONTEXT`. \(otherWays)")
    }
    return EngineError(
      .invalid, what, why: "\(why). \(kept.words) leads to the one that it was deployed on", fix: ways(kept))
  }

  /// The ways out where another context leads to the cluster that it was deployed on, so that this one exists.
  package func ways(_ kept: ClusterTarget) -> String {
    "Bind \(installation) to \(kept.words): `deskrun edit \(installation) \(kept.options)`. To move it to the cluster "
      + "that \(context) means now, remove it there and add it again: `deskrun remove \(installation) \(kept.options)`"
  }

  private func short(_ identity: ClusterIdentity) -> String { SafeText.line(identity.uid) }

  /// Compares the cluster that an installation was deployed on with the one its context points to now; nil if they are
  /// the same, or if one of them is unknown.
  package init?(_ name: InstallationName, _ configuration: Configuration, current: ClusterIdentity?) {
    guard let current, let former = configuration.identity(of: name), !former.isSame(as: current),
      let target = configuration.target(named: name.description)
    else { return nil }
    installation = name.description
    (context, options) = (target.words, target.options)
    (self.former, self.current) = (former, current)
  }
}

extension Configuration {
  /// The installations whose context now points to another cluster.
  package func onOtherClusters(_ current: ClusterIdentity?) -> [OtherCluster] {
    guard current != nil else { return [] }
    return installations.compactMap { OtherCluster($0.name, self, current: current) }
  }
}

extension ClusterTarget {
  /// The server's URL in the kubeconfig; nil if it does not contain one.
  package func server(_ environment: [String: String]) -> String? {
    Kubeconfig.merged(kubeconfig, environment).contexts.first { $0.name == context }?.server
  }
}

extension Toolbox {
  /// The identity of the current cluster; nil if it may not be read or the cluster does not respond.
  ///
  /// - Throws: only `CancellationError`.
  package func clusterIdentity() async throws -> ClusterIdentity? {
    do {
      // Not through an existing proxy, which may still be connected to the context's former cluster.
      guard let uid = try await kubectl().clusterUID() else { return nil }
      return ClusterIdentity(uid: uid, server: target.server(environment))
    } catch is EngineError { return nil }
  }
}
