import Basics
import ValuesFiles

/// A change of a Helm value by an adoption.
package struct ValueChange: Sendable, Equatable {
  /// The scale set of the release.
  package var scaleSet: String
  /// The path of the value: `template.spec.containers[0].image`.
  package var path: String
  /// The current value as JSON; nil if not set. Secrets are masked.
  package var old: String?
  /// The new value; nil if removed.
  package var new: String?

  /// The change on one line: `maxRunners: 3 -> 5`.
  package var text: String { "\(path): \(old ?? "not set") -> \(new ?? "not set")" }

  /// The changes between two sets of values, by path.
  package static func list(scaleSet: String, from old: JSONValue, to new: JSONValue) -> [ValueChange] {
    let (before, after) = (leaves(old), leaves(new))
    let (shownBefore, shownAfter) = (leaves(PlainSecrets.masked(old)), leaves(PlainSecrets.masked(new)))
    return Set(before.keys).union(after.keys).sorted().compactMap { path in
      guard before[path] != after[path] else { return nil }
      return ValueChange(
        scaleSet: scaleSet, path: SafeText.line(path), old: shownBefore[path].map { shown($0, path) },
        new: shownAfter[path].map { shown($0, path) })
    }
  }

  private static func leaves(_ value: JSONValue, at path: String = "") -> [String: JSONValue] {
    var found: [String: JSONValue] = [:]
    switch value {
    case .object(let object) where !object.isEmpty:
      for (key, member) in object.members {
        found.merge(leaves(member, at: path.isEmpty ? key : "\(path).\(key)")) { $1 }
      }
    case .array(let items) where !items.isEmpty:
      for (index, item) in items.enumerated() { found.merge(leaves(item, at: "\(path)[\(index)]")) { $1 } }
    default: found[path] = value
    }
    return found
  }

  /// Possible secrets are masked: everything passed to the chart for GitHub, and variables of containers.
  private static func shown(_ value: JSONValue, _ path: String) -> String {
    let isSecret =
      path.hasPrefix("githubConfigSecret.") || (path.contains(".env[") && path.hasSuffix(".value"))
      || ["password", "token"].contains { path.lowercased().contains($0) }
    return isSecret ? "••••••" : SafeText.line(value.encoded())
  }
}
