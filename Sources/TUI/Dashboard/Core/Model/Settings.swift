import Engine
import TerminalKit

/// Settings that do not change while the dashboard is running, or only by a key.
package struct Settings: Sendable, Equatable {
  package var theme = Theme.terminal
  /// Whether the theme was set by an option or the environment.
  package var isThemeGiven = false
  /// Whether to draw symbols and lines outside ASCII.
  package var usesUnicode = true
  /// Whether to use colors.
  package var usesColor = true
  /// Whether changes are disabled.
  package var isReadOnly = false
  /// Whether to enable mouse support.
  package var usesMouse = true
  /// Whether the cluster is simulated.
  package var isDemo = false
  /// The options to repeat in commands that are shown.
  package var invocation = Invocation()
  /// The kubeconfig context.
  package var context = ""
  /// The identity of the configuration, which distinguishes its marks from those of others; nil if unknown.
  package var identity: String?
  /// The only namespace to show; nil for all.
  package var namespace: String?
  /// Whether it is a kind cluster, which can be created, started and deleted.
  package var isKind = true
  /// Whether to add clusters as soon as the configuration uses them; false if clusters were specified.
  package var followsConfiguration = false
  /// The address of each cluster's API server in the kubeconfig, by the cluster's description.
  package var servers: [String: String] = [:]
  /// The user's home folder.
  package var home = "/"
  /// The default source of a token: `env:NAME` or `gh`.
  package var standardCredential: String?

  /// Creates default settings.
  package init() {}

  /// The cluster, for use in messages.
  var target: ClusterTarget {
    isKind && context.hasPrefix("kind-")
      ? .kind(cluster: String(context.dropFirst(5)), kubeconfig: nil) : .existing(context: context, kubeconfig: nil)
  }

  package var glyphs: Glyphs { usesUnicode ? .unicode : .ascii }
  package var shownTheme: Theme { usesColor ? theme : .mono }
}
