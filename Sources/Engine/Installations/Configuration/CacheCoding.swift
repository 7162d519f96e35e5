import ARC
import Basics

/// The caches of an installation in the configuration file. The earlier program changed their keys over time: first
/// `{MountPath, HostPath}`, later `{Target, Source}`.
enum CacheCoding {
  /// The keys to write.
  enum Form {
    /// Both pairs, so that all versions find theirs.
    case both
    /// Only `Target` and `Source`. A later version that finds `MountPath` or `HostPath` rewrites the whole file when it
    /// reads it, without `Mounts` and `cluster_hosts`, which are then lost.
    case later
  }

  /// The format for a file: the later one if a later version wrote it or something in it would be lost.
  package static func form(of document: JSONObject, with installation: Installation) -> Form {
    let entries = InstallationEntries(document["installations"]?.objectValue ?? [:]).all.map(\.value)
    let isLater =
      !installation.mounts.isEmpty || document["cluster_hosts"] != nil || entries.contains { $0["Mounts"] != nil }
    return isLater ? .later : .both
  }

  /// Reads strings (`TARGET` or `SOURCE:TARGET`) and objects with either pair of keys.
  ///
  /// - Throws: `EngineError` that names the installation or the path.
  package static func decode(_ items: [JSONValue], name: String) throws(EngineError) -> [CachePath] {
    var caches: [CachePath] = []
    for item in items {
      if let text = item.stringValue {
        caches.append(try CachePath(text))
      } else if let target = target(of: item) {
        let source = item["Source"]?.stringValue ?? item["HostPath"]?.stringValue ?? ""
        caches.append(try CachePath(target: target, source: isDefault(source, target: target) ? nil : source))
      } else {
        throw InstallationCoding.problem(name, "an entry of CachePaths names no path")
      }
    }
    return caches
  }

  /// The earlier program stored a generated source if the user had chosen none. Its later versions generated it from
  /// the target alone, so that all runners shared it; here each has its own again.
  private static func isDefault(_ source: String, target: String) -> Bool {
    let dashed = target.drop { $0 == "/" }.map { $0 == "/" ? "-" : $0 }
    return source.isEmpty || HostPath.isAtOrBelow(source, CacheLocation.clusterRoot)
      || source == CacheLocation.nodeRoot + "/" + String(dashed)
  }

  /// The path in jobs of the cache described by this entry.
  package static func target(of item: JSONValue) -> String? {
    item["Target"]?.stringValue ?? item["MountPath"]?.stringValue
  }

  /// A cache as written, on top of its existing entry. Unknown keys of the entry are kept.
  package static func encode(_ cache: CachePath, over old: JSONObject?, form: Form) -> JSONObject {
    var object = old ?? [:]
    let target = JSONValue.string(cache.target)
    let source = JSONValue.string(cache.source ?? "")
    object["MountPath"] = form == .both ? target : nil
    object["HostPath"] = form == .both ? source : nil
    object["Target"] = target
    object["Source"] = source
    return object
  }

  /// An entry of an installation with the first versions' keys converted to the later ones.
  static func withoutFirstKeys(_ entry: JSONObject) -> JSONObject {
    guard let items = entry["CachePaths"]?.arrayValue else { return entry }
    var entry = entry
    entry["CachePaths"] = .array(
      items.map { item in
        guard var object = item.objectValue else { return item }
        object["Target"] = object["Target"] ?? object["MountPath"]
        object["Source"] = object["Source"] ?? object["HostPath"]
        object["MountPath"] = nil
        object["HostPath"] = nil
        return .object(object)
      })
    return entry
  }
}
