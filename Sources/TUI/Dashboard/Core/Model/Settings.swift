import Engine
import TerminalKit

/// What does not change while the dashboard runs, or only by a key.
package struct Settings: Sendable, Equatable {
  /// The colours.
  package var theme = Theme.terminal
  /// Whether the colours were chosen for this call, by an option or the environment.
  package var isThemeGiven = false
  /// Whether marks and lines outside ASCII are drawn.
  package var usesUnicode = true
  /// Whether colours are used at all.
  package var usesColor = true
  /// Whether nothing may be changed.
  package var isReadOnly = false
  /// Whether the mouse is asked for.
  package var usesMouse = true
  /// Whether the cluster is the simulated one.
  package var isDemo = false
  /// What commands that are shown have to repeat.
  package var invocation = Invocation()
  /// The kubeconfig context.
  package var context = ""
  /// The identity of the configuration, by which other deskruns' marks are told; nil where it is not known.
  package var identity: String?
  /// Whether the cluster is kind's, so that it can be created, started and deleted.
  package var isKind = true
  /// Whether clusters that the configuration has something on are shown as soon as it does; false where it was said which.
  package var followsConfiguration = false
  /// The address of the API server of each cluster as the kubeconfig has it, by the cluster in words.
  package var servers: [String: String] = [:]
  /// The user's home folder.
  package var home = "/"
  /// Where a token would come from without asking: `env:NAME` or `gh`.
  package var standardCredential: String?

  /// The usual ones.
  package init() {}

  /// The cluster, for what is said of it.
  var target: ClusterTarget {
    isKind && context.hasPrefix("kind-")
      ? .kind(cluster: String(context.dropFirst(5)), kubeconfig: nil) : .existing(context: context, kubeconfig: nil)
  }

  package var glyphs: Glyphs { usesUnicode ? .unicode : .ascii }
  package var shownTheme: Theme { usesColor ? theme : .mono }
}
