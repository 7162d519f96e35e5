import Basics
import Tools

/// What the configuration file says.
///
/// It keeps the document it was read from and changes only what it was told to change, so keys it does not know, those
/// of the earlier program's later versions among them, survive.
package struct Configuration: Sendable, Equatable {
  /// An installation that stands in the file and cannot be used as it is.
  package struct Unreadable: Sendable, Equatable {
    /// Its key.
    package var name: String
    /// What is wrong with it.
    package var problem: EngineError
    /// The cluster it names, where that much can be read; nil for deskrun's own kind cluster.
    package var place: ClusterPlace?
  }

  /// The cluster's name when none is set.
  package static let standardClusterName = "deskrun"

  package private(set) var document: JSONObject
  /// The installations, by name: all, or those of one cluster; see `on`.
  package private(set) var installations: [Installation]
  /// Those of other clusters than the one this was narrowed to, by name.
  package private(set) var elsewhere: [Installation] = []
  /// Entries that cannot be used; they stay in the file untouched.
  package private(set) var unreadable: [Unreadable]
  /// Whether the file names the kind cluster, or chose it; false for one that is only the default.
  package private(set) var namesCluster = false

  /// An empty configuration.
  package init() {
    document = ["installations": [:]]
    installations = []
    unreadable = []
  }

  /// Reads a document.
  ///
  /// - Throws: `EngineError` of kind `configuration` when its outline is not that of a configuration.
  package init(document: JSONValue) throws(EngineError) {
    guard case .object(let object) = document else {
      throw EngineError(.configuration, "The configuration is not a JSON object")
    }
    self.document = Self.placed(object)
    installations = []
    unreadable = []
    switch self.document["installations"] {
    case nil, .null?: break
    case .object(let entries)?:
      for (name, value) in entries.members {
        do throws(EngineError) {
          installations.append(try InstallationCoding.decode(value, name: name))
        } catch {
          unreadable.append(
            Unreadable(name: name, problem: error, place: try? InstallationCoding.place(of: value, name: name)))
        }
      }
    default: throw EngineError(.configuration, "\"installations\" in the configuration is not a JSON object")
    }
    installations.sort { $0.name < $1.name }
    unreadable.sort { $0.name < $1.name }
    if case .some(let name) = object["cluster_name"], name != .null {
      guard let text = name.stringValue else {
        throw EngineError(.configuration, "\"cluster_name\" in the configuration must be a string")
      }
      if !text.isEmpty { _ = try Self.checkedClusterName(text) }
    }
    namesCluster =
      document["cluster_name"]?.stringValue?.isEmpty == false
      || document[Self.defaultContext]?.stringValue == "kind-\(clusterName)"
  }

  /// The kind cluster's name.
  package var clusterName: String {
    let name = document["cluster_name"]?.stringValue ?? ""
    return name.isEmpty ? Self.standardClusterName : name
  }

  /// Checks a name for a kind cluster, by kind's own rule.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  package static func checkedClusterName(_ name: String) throws(EngineError) -> String {
    let allowed = name.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
    }
    guard allowed, !name.isEmpty, !name.hasPrefix("-"), name.utf8.count <= 50 else {
      throw EngineError(
        .invalid, "\"\(SafeText.line(name))\" cannot be the name of a kind cluster",
        why: "It may contain only lowercase letters, digits, `.` and `-`, at most 50 characters",
        fix: "For example: deskrun")
    }
    return name
  }

  // MARK: Clusters

  /// The cluster of commands that name no installation, and of new installations: the kind cluster, or the context chosen
  /// with `deskrun cluster use`.
  package var target: ClusterTarget {
    guard let context = document[Self.defaultContext]?.stringValue, !context.isEmpty else {
      return .kind(cluster: clusterName)
    }
    return target(
      at: ClusterPlace(context: context, kubeconfig: document[Self.defaultKubeconfig]?.stringValue))
  }

  /// Chooses another default; nil goes back to the kind cluster. Installations stay where they live.
  package mutating func use(context: String?, kubeconfig: String?) {
    document[Self.defaultContext] = context.map(JSONValue.string)
    document[Self.defaultKubeconfig] = kubeconfig.map(JSONValue.string)
  }

  private static let defaultContext = "default_context"
  private static let defaultKubeconfig = "default_kubeconfig"
  private static let assumedKey = "ContextAssumed"

  /// The document of a version that kept one cluster for all, in the form that is read here: its chosen context is the
  /// default, and that of each installation, which then says that nobody has seen it there yet.
  private static func placed(_ document: JSONObject) -> JSONObject {
    guard let former = document["context"] else { return document }
    var placed = document
    placed["context"] = nil
    placed["kubeconfig"] = nil
    guard let context = former.stringValue, !context.isEmpty else { return placed }
    let file = document["kubeconfig"]
    placed[defaultContext] = former
    placed[defaultKubeconfig] = file
    let name = document["cluster_name"]?.stringValue ?? ""
    // On deskrun's own kind cluster nothing has to be kept.
    guard context != "kind-\(name.isEmpty ? standardClusterName : name)" || file?.stringValue != nil else {
      return placed
    }
    guard var entries = document["installations"]?.objectValue else { return placed }
    for (key, value) in entries.members {
      guard var entry = value.objectValue, entry[InstallationCoding.contextKey] == nil else { continue }
      entry[InstallationCoding.contextKey] = former
      entry[InstallationCoding.kubeconfigKey] = file
      entry[assumedKey] = .bool(true)
      entries[key] = .object(entry)
    }
    placed["installations"] = .object(entries)
    return placed
  }

  /// Whether the cluster of an installation is only what an earlier version would have used for it: it kept one for all,
  /// and an installation may have been deployed before another was chosen.
  package func isPlaceAssumed(_ name: InstallationName) -> Bool {
    document["installations"]?[name.description]?[Self.assumedKey] == true
  }

  /// Keeps the cluster that an installation was found on, in the entry that it has.
  package mutating func notePlace(of name: InstallationName, _ place: ClusterPlace?) {
    guard var entries = document["installations"]?.objectValue,
      var entry = entries[name.description]?.objectValue
    else { return }
    InstallationCoding.encode(place, into: &entry)
    entry[Self.assumedKey] = nil
    entries[name.description] = .object(entry)
    document["installations"] = .object(entries)
    for index in installations.indices where installations[index].name == name { installations[index].place = place }
    for index in unreadable.indices where unreadable[index].name == name.description {
      unreadable[index].place = place
    }
  }

  /// All installations, wherever they live, by name.
  package var all: [Installation] {
    elsewhere.isEmpty ? installations : (installations + elsewhere).sorted { $0.name < $1.name }
  }

  /// Narrows it to what lives in places.
  mutating func keep(_ isHere: (ClusterPlace?) -> Bool) {
    let everything = all
    installations = everything.filter { isHere($0.place) }
    elsewhere = everything.filter { !isHere($0.place) }
    unreadable.removeAll { !isHere($0.place) }
  }

  /// Writes the kind cluster's name down, where only the default names it: from then on that cluster is deskrun's, so it
  /// is done once deskrun has created it or recognized it, and never before.
  package mutating func nameCluster() {
    guard document["cluster_name"]?.stringValue?.isEmpty != false else { return }
    // That deskrun has a kind cluster now does not tell where those are that were deployed before it had one.
    let unseen = installations.map(\.name).filter(isDeployedUnseen)
    if !unseen.isEmpty, var entries = document["installations"]?.objectValue {
      for name in unseen {
        guard var entry = entries[name.description]?.objectValue else { continue }
        entry[Self.assumedKey] = .bool(true)
        entries[name.description] = .object(entry)
      }
      document["installations"] = .object(entries)
    }
    let name = JSONValue.string(clusterName)
    document["cluster_name"] = nil
    document = JSONObject([("cluster_name", name)] + document.members.map { ($0.key, $0.value) })
    namesCluster = true
  }

  /// The installation of a name.
  package func installation(named name: InstallationName) -> Installation? { installations.first { $0.name == name } }

  /// Adds an installation or replaces the one of its name. Keys of the old entry that deskrun does not know stay.
  package mutating func set(_ installation: Installation) {
    let key = installation.name.description
    var entries = document["installations"]?.objectValue ?? [:]
    let form = CacheCoding.form(of: document, with: installation)
    entries[key] = .object(InstallationCoding.encode(installation, over: entries[key]?.objectValue, form: form))
    if form == .later {
      for name in installations.map(\.name.description) {
        guard let entry = entries[name]?.objectValue else { continue }
        entries[name] = .object(CacheCoding.withoutFirstKeys(entry))
      }
    }
    document["installations"] = .object(entries)
    installations.removeAll { $0.name == installation.name }
    installations.append(installation)
    installations.sort { $0.name < $1.name }
    unreadable.removeAll { $0.name == key }
  }

  /// Whether an installation was never deployed for certain: it was added, and no plan got as far as the cluster. False
  /// for an entry that does not say so, as those of earlier versions.
  package func isUndeployed(_ name: InstallationName) -> Bool {
    document["installations"]?[name.description]?[Self.deploymentKey] == false
  }

  /// Whether an installation was deployed, and not on the kind cluster that its entry is read as: deskrun has never created
  /// or recognized one. An earlier version deployed it on another cluster and did not keep which.
  package func isDeployedUnseen(_ name: InstallationName) -> Bool {
    let entry = document["installations"]?[name.description]
    return !namesCluster && entry?[Self.deploymentKey] == true && entry?[InstallationCoding.contextKey] == nil
  }

  /// Notes whether the deployment of an installation has begun, in the entry that it has.
  package mutating func noteDeployment(of name: InstallationName, hasBegun: Bool) {
    guard var entries = document["installations"]?.objectValue,
      var entry = entries[name.description]?.objectValue
    else { return }
    entry[Self.deploymentKey] = .bool(hasBegun)
    entries[name.description] = .object(entry)
    document["installations"] = .object(entries)
  }

  private static let deploymentKey = "Deployed"

  /// Refuses an installation whose scale sets would have the names of another one's: NAME-1 may be an instance of NAME
  /// or an installation of its own, not both.
  package func refuseCollision(of installation: Installation) throws(EngineError) {
    let names = Set(installation.scaleSets.map(\.name))
    for other in all where other.name != installation.name {
      if let shared = other.scaleSets.map(\.name).first(where: names.contains) {
        throw EngineError(
          .invalid, "The scale set name \(shared) is taken", why: "It belongs to the installation \(other.name)",
          fix: "Choose another name")
      }
    }
  }

  /// Takes an installation out.
  ///
  /// - Returns: whether it was there.
  package mutating func remove(_ name: InstallationName) -> Bool {
    var entries = document["installations"]?.objectValue ?? [:]
    guard entries[name.description] != nil else { return false }
    entries[name.description] = nil
    document["installations"] = .object(entries)
    installations.removeAll { $0.name == name }
    unreadable.removeAll { $0.name == name.description }
    return true
  }

  /// Removes an entry that cannot be used, also one whose key is no name of an installation.
  ///
  /// - Returns: whether there was one.
  package mutating func removeUnreadable(_ key: String) -> Bool {
    guard unreadable.contains(where: { $0.name == key }) else { return false }
    var entries = document["installations"]?.objectValue ?? [:]
    entries[key] = nil
    document["installations"] = .object(entries)
    unreadable.removeAll { $0.name == key }
    return true
  }

  /// The document as it is to be written. It holds secrets.
  package var json: JSONValue { .object(document) }
}

/// The document holds secrets as they stand in the file, so neither a description nor a mirror shows it.
extension Configuration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The cluster and the names.
  package var description: String {
    "Configuration(cluster: \(clusterName), installations: \(installations.map(\.name)), "
      + "unreadable: \(unreadable.map(\.name)))"
  }
  /// The cluster and the names.
  package var debugDescription: String { description }
  /// The parts, without the document.
  package var customMirror: Mirror {
    Mirror(
      self,
      children: ["clusterName": clusterName, "installations": installations, "unreadable": unreadable]
        as KeyValuePairs<String, Any>)
  }
}
