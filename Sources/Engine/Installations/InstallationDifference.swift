import ARC

/// Describes the differences between two configurations of an installation.
package enum InstallationDifference {
  /// The differences: `max runners: 5, not 3`. For credentials only that they differ, if `credentials` is set.
  package static func list(
    from old: Installation, to new: Installation, credentials: Bool = false
  ) -> [String] {
    var differences: [String] = []
    func compare(_ what: String, _ old: String, _ new: String) {
      if old != new { differences.append("\(what): \(old), not \(new)") }
    }
    func text<T>(_ items: [T], _ describe: (T) -> String) -> String {
      items.isEmpty ? "none" : items.map(describe).joined(separator: ", ")
    }
    compare("repository", old.target.url, new.target.url)
    compare("mode", old.mode.rawValue, new.mode.rawValue)
    compare("minimum of runners", String(old.runners.minimum), String(new.runners.minimum))
    compare("maximum of runners", String(old.runners.maximum), String(new.runners.maximum))
    compare("instances", String(old.instances), String(new.instances))
    compare("image", old.image ?? "the default", new.image ?? "the default")
    compare("values files", text(old.valuesFiles) { $0 }, text(new.valuesFiles) { $0 })
    for (old, new) in zip(old.settings.rows, new.settings.rows) { compare(old.title, old.text, new.text) }
    compare("caches", text(old.caches, describe), text(new.caches, describe))
    compare("mounts", text(old.mounts, describe), text(new.mounts, describe))
    compare("labels", text(old.labels) { $0 }, text(new.labels) { $0 })
    if credentials, old.authentication != new.authentication { differences.append("other credentials") }
    return differences
  }

  package static func describe(_ cache: CachePath) -> String {
    cache.source.map { "\($0):\(cache.target)" } ?? cache.target
  }

  package static func describe(_ mount: Mount) -> String { "\(mount.source):\(mount.target):\(mount.kind.rawValue)" }
}
