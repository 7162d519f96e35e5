import Basics

/// The locations of deskrun's files.
package struct Paths: Sendable, Equatable {
  /// `DESKRUN_HOME`, or `~/.deskrun`.
  package var home: String
  /// The folder of caches on this machine: `$XDG_CACHE_HOME/deskrun`, or `~/.cache/deskrun`; below `DESKRUN_HOME` if
  /// that is set.
  package var caches: String
  /// The user's home directory.
  package var userHome: String
  /// Whether `home` is the standard folder, which is deskrun's alone. A folder named by `DESKRUN_HOME` may have other
  /// uses, so its permissions are left to its owner.
  package var isStandard: Bool { home == userHome + "/.deskrun" }

  /// Determines the locations from the environment.
  ///
  /// - Throws: `EngineError` of kind `configuration` if neither `HOME` nor `DESKRUN_HOME` is set.
  package init(environment: [String: String]) throws(EngineError) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? Self.trimmed($0) : nil } }
    if let relative = environment["DESKRUN_HOME"], !relative.isEmpty, !relative.hasPrefix("/") {
      throw EngineError(
        .configuration, "DESKRUN_HOME is \(SafeText.line(relative)), which is not an absolute path",
        fix: "Use an absolute path, for example: DESKRUN_HOME=/home/you/.deskrun")
    }
    let user = value("HOME")
    if let home = value("DESKRUN_HOME") {
      self.home = home
      caches = home + "/cache"
    } else if let user {
      home = user + "/.deskrun"
      caches = (value("XDG_CACHE_HOME") ?? user + "/.cache") + "/deskrun"
    } else {
      throw EngineError(
        .configuration, "No folder for the configuration found", why: "HOME is not set",
        fix: "Set HOME, or DESKRUN_HOME to a folder for deskrun's files")
    }
    userHome = user ?? home
  }

  private static func trimmed(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? trimmed(String(path.dropLast())) : path
  }

  /// The configuration file.
  package var configuration: String { home + "/config.json" }
  /// The last valid configuration before the newest change.
  package var backup: String { home + "/config.json.bak" }
  /// Held while the configuration is changed.
  package var lock: String { home + "/config.lock" }
  /// The folder of the locks of plans.
  package var locks: String { home + "/locks" }
  /// The folder of the locks of operations.
  package var operations: String { home + "/locks/operations" }
  /// Logs of runners.
  package var logs: String { home + "/logs" }
  /// The recorded jobs.
  package var history: String { home + "/history.jsonl" }
  /// The ends of listeners in the last minutes.
  package var listenerEnds: String { home + "/listener-ends.json" }
  /// The dashboard's state: sort orders, sizes, the last selection. Not part of the user's configuration.
  package var interface: String { home + "/ui.json" }
}
