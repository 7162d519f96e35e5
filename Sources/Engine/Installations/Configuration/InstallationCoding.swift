import ARC
import Basics
import Tools

/// An installation in the configuration file, under the earlier program's keys, the names of its Go fields. Properties
/// unknown to that program have additional keys, which it ignores.
enum InstallationCoding {
  /// Reads an entry in any format that the earlier program wrote.
  ///
  /// - Throws: `EngineError` that names the key.
  package static func decode(
    _ value: JSONValue, name installation: InstallationName
  ) throws(EngineError) -> Installation {
    let name = installation.description
    guard value.objectValue != nil else { throw problem(name, "it is not a JSON object") }
    if let places = value[InstallationEntries.placesKey], places != .null, places.objectValue == nil {
      throw problem(name, "\(InstallationEntries.placesKey) is not a JSON object")
    }
    let reader = Reader(entry: value, name: name)
    let modeText = try reader.text("ContainerMode") ?? ContainerMode.kubernetes.rawValue
    guard let mode = ContainerMode(rawValue: modeText) else {
      throw problem(name, "ContainerMode is \"\(SafeText.line(modeText))\", which must be one of \(modes)")
    }
    let instances = try reader.number("Instances") ?? 1
    guard instances <= RunnerCounts.limit else { throw problem(name, "Instances is \(instances)") }
    // Go wrote zero values where nothing was set.
    let maximum = try reader.number("MaxRunners") ?? 0
    let runners: RunnerCounts =
      maximum == 0 ? .standard : try RunnerCounts(minimum: try reader.number("MinRunners") ?? 0, maximum: maximum)
    var installation = try Installation(
      name: installation,
      target: GitHubTarget(try reader.text("Repository") ?? ""),
      mode: mode,
      runners: runners,
      caches: try CacheCoding.decode(items(value["CachePaths"], "CachePaths", name), name: name),
      mounts: try mounts(value["Mounts"], name),
      instances: max(1, instances),
      image: try reader.text("Image"),
      labels: try labels(value["Labels"], name),
      authentication: try authentication(reader),
      settings: try PodSettingsCoding.decode(value, name: name),
      valuesFiles: try valuesFiles(reader),
      importedValues: try reader.text("ImportedValues"))
    installation.place = try place(of: value, name: name)
    return installation
  }

  static let contextKey = "Context"
  static let kubeconfigKey = "Kubeconfig"

  /// The cluster named in an entry; nil for deskrun's own kind cluster.
  ///
  /// - Throws: `EngineError` that names the key.
  static func place(of value: JSONValue, name: String) throws(EngineError) -> ClusterPlace? {
    let reader = Reader(entry: value, name: name)
    guard let context = try reader.text(contextKey) else { return nil }
    return ClusterPlace(context: context, kubeconfig: try reader.text(kubeconfigKey))
  }

  /// The key of the cluster's identity, which the earlier program does not have.
  private static let clusterKey = "ClusterIdentity"

  /// The cluster that an entry was deployed on; nil if it does not name one.
  static func identity(of value: JSONValue) -> ClusterIdentity? {
    guard let cluster = value[clusterKey], let uid = cluster["Uid"]?.stringValue, !uid.isEmpty else { return nil }
    return ClusterIdentity(uid: uid, server: cluster["Server"]?.stringValue)
  }

  static func encode(_ identity: ClusterIdentity?, into entry: inout JSONObject) {
    entry[clusterKey] = identity.map { identity in
      var cluster: JSONObject = ["Uid": .string(identity.uid)]
      cluster["Server"] = identity.server.map(JSONValue.string)
      return .object(cluster)
    }
  }

  static func encode(_ place: ClusterPlace?, into entry: inout JSONObject) {
    entry[contextKey] = place.map { .string($0.context) }
    entry[kubeconfigKey] = place?.kubeconfig.map(JSONValue.string)
  }

  private static let modes = ContainerMode.allCases.map(\.rawValue).joined(separator: ", ")

  package static func problem(_ name: String, _ why: String) -> EngineError {
    EngineError(
      .configuration, "The installation \(SafeText.line(name)) in the configuration cannot be used", why: why,
      fix: "Fix it in the file, or remove it with `deskrun remove \(SafeText.line(name))` and add it again")
  }

  private struct Reader {
    package var entry: JSONValue
    package var name: String

    package func text(_ key: String) throws(EngineError) -> String? {
      switch entry[key] {
      case nil, .null?: return nil
      case .some(let value):
        guard let text = value.stringValue else { throw problem(name, "\(key) must be a string") }
        return text.isEmpty ? nil : text
      }
    }

    package func number(_ key: String) throws(EngineError) -> Int? {
      switch entry[key] {
      case nil, .null?: return nil
      case .some(let value):
        guard let number = value.intValue else { throw problem(name, "\(key) is not a number") }
        return number
      }
    }
  }

  // MARK: Parts

  private static func items(_ value: JSONValue?, _ key: String, _ name: String) throws(EngineError) -> [JSONValue] {
    switch value {
    case nil, .null?: return []
    case .array(let items)?: return items
    default: throw problem(name, "\(key) is not a list")
    }
  }

  private static func mounts(_ value: JSONValue?, _ name: String) throws(EngineError) -> [Mount] {
    var mounts: [Mount] = []
    for item in try items(value, "Mounts", name) {
      if let text = item.stringValue {
        mounts.append(try Mount(text))
        continue
      }
      guard let target = item["Target"]?.stringValue else { throw problem(name, "an entry of Mounts has no Target") }
      // Go wrote an empty string where nothing was set.
      let type = item["Type"]?.stringValue ?? ""
      guard let kind = type.isEmpty ? .directoryOrCreate : Mount.Kind(rawValue: type) else {
        throw problem(name, "the mount \(SafeText.line(target)) is of the unknown type \"\(SafeText.line(type))\"")
      }
      let source = item["Source"]?.stringValue ?? ""
      mounts.append(try Mount(source: source.isEmpty ? target : source, target: target, kind: kind))
    }
    return mounts
  }

  private static func labels(_ value: JSONValue?, _ name: String) throws(EngineError) -> [String] {
    var labels: [String] = []
    for item in try items(value, "Labels", name) {
      guard let label = item.stringValue else { throw problem(name, "an entry of Labels must be a string") }
      labels.append(label)
    }
    return labels
  }

  /// A single file has the key of earlier versions, several files have another one.
  private static func valuesFiles(_ reader: Reader) throws(EngineError) -> [String] {
    if let file = try reader.text("ValuesFile") { return [file] }
    var files: [String] = []
    for item in try items(reader.entry["ValuesFiles"], "ValuesFiles", reader.name) {
      guard let file = item.stringValue, !file.isEmpty else {
        throw problem(reader.name, "an entry of ValuesFiles must be a string")
      }
      files.append(file)
    }
    return files
  }

  private static func authentication(_ reader: Reader) throws(EngineError) -> Authentication {
    let source = try secretSource(reader)
    switch try reader.text("AuthType") ?? "pat" {
    case "pat": return .token(source)
    case "github-app":
      return .app(
        id: try reader.text("AppID"), installationID: try reader.text("AppInstallationID"), key: source)
    case let other:
      throw problem(reader.name, "AuthType is \"\(SafeText.line(other))\", which is neither pat nor github-app")
    }
  }

  /// `AuthReference` tells that `AuthValue` is a reference, and its kind. Without it, the value is always the secret
  /// itself.
  private static func secretSource(_ reader: Reader) throws(EngineError) -> SecretSource {
    let value = try reader.text("AuthValue") ?? ""
    switch try reader.text("AuthReference") {
    case nil: return .literal(Secret(value))
    case "env": return .environment(String(value.dropFirst("env:".count)))
    case "file": return .file(String(value.dropFirst("@".count)))
    case "gh": return .gh(host: try reader.text("AuthHost") ?? "github.com")
    default: throw problem(reader.name, "AuthReference must be one of env, file, gh")
    }
  }

  // MARK: Writing

  /// The entry to write, on top of the existing one.
  package static func encode(_ installation: Installation, over old: JSONObject?, form: CacheCoding.Form) -> JSONObject
  {
    var entry = old ?? [:]
    entry["Name"] = .string(installation.name.plain)
    entry["Repository"] = .string(installation.target.url)
    entry["ContainerMode"] = .string(installation.mode.rawValue)
    entry["MinRunners"] = .int(installation.runners.minimum)
    entry["MaxRunners"] = .int(installation.runners.maximum)
    entry["CachePaths"] = .array(
      installation.caches.map { cache in
        let before = old?["CachePaths"]?.arrayValue?.first { CacheCoding.target(of: $0) == cache.target }
        return .object(CacheCoding.encode(cache, over: before?.objectValue, form: form))
      })
    set(
      "Mounts",
      installation.mounts.isEmpty
        ? nil
        : .array(
          installation.mounts.map { mount in
            let before = old?["Mounts"]?.arrayValue?.first { $0["Target"]?.stringValue == mount.target }
            var object = before?.objectValue ?? [:]
            object["Source"] = .string(mount.source)
            object["Target"] = .string(mount.target)
            object["Type"] = .string(mount.kind.rawValue)
            return .object(object)
          }), in: &entry, keepsEmpty: old?["Mounts"] != nil)
    set(
      "Instances", installation.instances > 1 ? .int(installation.instances) : nil, in: &entry,
      emptyValue: .int(1), keepsEmpty: old?["Instances"] != nil)
    entry["Image"] = installation.image.map(JSONValue.string)
    entry["Labels"] = installation.labels.isEmpty ? nil : .array(installation.labels.map(JSONValue.string))
    let files = installation.valuesFiles
    entry["ValuesFile"] = files.count == 1 ? .string(files[0]) : nil
    entry["ValuesFiles"] = files.count > 1 ? .array(files.map(JSONValue.string)) : nil
    entry["ImportedValues"] = installation.importedValues.map(JSONValue.string)
    PodSettingsCoding.encode(installation.settings, into: &entry)
    encode(installation.authentication, into: &entry)
    encode(installation.place, into: &entry)
    return entry
  }

  private static func set(
    _ key: String, _ value: JSONValue?, in entry: inout JSONObject, emptyValue: JSONValue = [], keepsEmpty: Bool
  ) {
    entry[key] = value ?? (keepsEmpty ? emptyValue : nil)
  }

  private static func encode(_ authentication: Authentication, into entry: inout JSONObject) {
    switch authentication {
    case .token:
      entry["AuthType"] = "pat"
      entry["AppID"] = nil
      entry["AppInstallationID"] = nil
    case .app(let id, let installationID, _):
      entry["AuthType"] = "github-app"
      entry["AppID"] = id.map(JSONValue.string)
      entry["AppInstallationID"] = installationID.map(JSONValue.string)
    }
    entry["AuthReference"] = nil
    entry["AuthHost"] = nil
    switch authentication.source {
    case .literal(let secret): entry["AuthValue"] = .string(secret.reveal())
    case .environment(let name):
      entry["AuthValue"] = .string("env:\(name)")
      entry["AuthReference"] = "env"
    case .file(let path):
      entry["AuthValue"] = .string("@\(path)")
      entry["AuthReference"] = "file"
    case .gh(let host):
      entry["AuthValue"] = "gh"
      entry["AuthReference"] = "gh"
      entry["AuthHost"] = .string(host)
    }
  }
}
