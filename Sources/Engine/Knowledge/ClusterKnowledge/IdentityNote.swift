import ARC
import Basics
import Installations
import Tools

/// Installations that were found deployed on a cluster, but whose entries do not contain its identity yet, like those
/// of earlier versions.
package struct IdentityNote: Sendable, Equatable {
  package var installations: [InstallationName]
  /// The uid of the cluster; see `ClusterIdentity`.
  package var uid: String

  /// Stores the cluster's identity in their entries, to detect when their context points to another cluster. If the
  /// configuration cannot be written, a later deskrun does it.
  package func write(_ toolbox: Toolbox, _ store: ConfigurationStore) async {
    let identity = ClusterIdentity(uid: uid, server: toolbox.target.server(toolbox.environment))
    _ = try? await store.change { configuration in
      for name in installations
      where configuration.target(named: name.description) == toolbox.target && configuration.identity(of: name) == nil {
        configuration.noteIdentity(of: name, identity)
      }
    }
  }
}

extension ClusterKnowledge {
  /// The note to write; nil if there is none, as on a cluster that deskrun creates and deletes itself.
  private var identityNote: IdentityNote? {
    guard let uid = observation?.uid, isCurrent, let identity else { return nil }
    let found = statuses.compactMap { status -> InstallationName? in
      guard let installation = status.installation, status.isDeployed, !inWork.contains(status.name),
        configuration.target(of: installation).kindCluster == nil, !configuration.isPlaceAssumed(installation.name),
        configuration.identity(of: installation.name) == nil,
        // Ownership labels without an identity may be from another deskrun.
        status.scaleSets.allSatisfy({ $0.manager == .deskrun(identity: identity) })
      else { return nil }
      return installation.name
    }
    return found.isEmpty ? nil : IdentityNote(installations: found, uid: uid)
  }

  mutating func askIdentity(_ news: inout KnowledgeNews) {
    let note = identityNote
    guard note != askedIdentity else { return }
    askedIdentity = note
    if let note { news.questions.append(.identity(note)) }
  }
}
