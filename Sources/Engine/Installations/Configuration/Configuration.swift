import Basics
import Tools

/// The contents of the configuration file.
///
/// It keeps the original document and changes only what is set, so unknown keys, including those of the earlier
/// program's later versions, are kept.
package struct Configuration: Sendable, Equatable {
  /// An entry in the file that is not a valid installation.
  package struct Unreadable: Sendable, Equatable {
    /// Its key.
    package var name: String
    /// Why it is invalid.
    package var problem: EngineError
    /// The cluster it names, if that can be read; nil for deskrun's own kind cluster.
    package var place: ClusterPlace?
    /// Why its cluster cannot be determined; nil if `place` is certain.
    package var placeProblem: EngineError?
  }

  /// The default name of the kind cluster.
  package static let standardClusterName = "deskrun"

  package private(set) var document: JSONObject
  /// The installations, by name: all, or those of one cluster; see `on`.
  package private(set) var installations: [Installation]
  /// The installations on other clusters, if this was restricted to one, by name.
  package private(set) var elsewhere: [Installation] = []
  /// The contexts that are used in place of others of the same cluster. Not in the file.
  package var standIns: [StandIn] = []
  /// Invalid entries, which stay in the file unchanged.
  package private(set) var unreadable: [Unreadable]
  /// Whether the file names or selects the kind cluster; false if it is only the default.
  package private(set) var namesCluster = false

  /// An empty configuration.
  package init() {
    document = ["installations": [:]]
    installations = []
    unreadable = []
  }

  /// Reads a document.
  ///
  /// - Throws: `EngineError` of kind `configuration` if its structure is not that of a configuration.
  package init(document: JSONValue) throws(EngineError) {
    guard case .object(let object) = document else {
      throw EngineError(.configuration, "The configuration is not a JSON object")
    }
    self.document = Self.placed(object)
    installations = []
    unreadable = []
    switch self.document["installations"] {
    case nil, .null?: break
    case .object(let members)?:
      for (name, value) in InstallationEntries(members).all {
        do throws(EngineError) {
          installations.append(
            try InstallationCoding.decode(value, name: members[name] == nil ? .init(reference: name) : .init(name)))
        } catch {
          var entry = Unreadable(name: name, problem: error)
          do throws(EngineError) { entry.place = try InstallationCoding.place(of: value, name: name) } catch {
            entry.placeProblem = error
          }
          unreadable.append(entry)
        }
      }
    default: throw EngineError(.configuration, "\"installations\" in the configuration is not a JSON object")
    }
    installations.sort { $0.name < $1.name }
    leaveOutDuplicates()
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

  /// Leaves out a second installation of a name on the same cluster, as from a file changed by hand: both would be the
  /// same Helm release.
  private mutating func leaveOutDuplicates() {
    for installation in installations where installation.name.place != nil {
      let target = target(of: installation)
      let same = installations.first { $0.name.plain == installation.name.plain && self.target(of: $0) == target }
      guard let same, same.name != installation.name else { continue }
      installations.removeAll { $0.name == installation.name }
      unreadable.append(
        Unreadable(
          name: installation.name.description,
          problem: InstallationCoding.problem(
            installation.name.description, "it is on \(target.words), where \(same.name) is already"),
          place: installation.place))
    }
  }

  /// The kind cluster's name.
  package var clusterName: String {
    let name = document["cluster_name"]?.stringValue ?? ""
    return name.isEmpty ? Self.standardClusterName : name
  }

  /// Validates a kind cluster's name by kind's own rule.
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

  /// The cluster of commands that do not name an installation, and of new installations: the kind cluster, or the
  /// context chosen with `deskrun cluster use`.
  package var target: ClusterTarget {
    guard let context = document[Self.defaultContext]?.stringValue, !context.isEmpty else {
      return .kind(cluster: clusterName)
    }
    return target(
      at: ClusterPlace(context: context, kubeconfig: document[Self.defaultKubeconfig]?.stringValue))
  }

  /// Chooses another default; nil for the kind cluster. Existing installations are not affected.
  package mutating func use(context: String?, kubeconfig: String?) {
    document[Self.defaultContext] = context.map(JSONValue.string)
    document[Self.defaultKubeconfig] = kubeconfig.map(JSONValue.string)
  }

  private static let defaultContext = "default_context"
  private static let defaultKubeconfig = "default_kubeconfig"
  private static let assumedKey = "ContextAssumed"

  /// Converts the document of a version with a single cluster: its context becomes the default, and that of each
  /// installation, which is marked as not yet seen there.
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
    // Nothing has to be stored for deskrun's own kind cluster.
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

  /// Whether the cluster of an installation is only assumed to be the one of an earlier version: that had a single
  /// cluster, and the installation may have been deployed before another one was chosen.
  package func isPlaceAssumed(_ name: InstallationName) -> Bool { entry(of: name)?[Self.assumedKey] == true }

  private var entries: InstallationEntries {
    get { InstallationEntries(document["installations"]?.objectValue ?? [:]) }
    set { document["installations"] = .object(newValue.members) }
  }

  private func entry(of name: InstallationName) -> JSONObject? { entries[name.description] }

  /// Changes the entry of an installation, if it has one.
  private mutating func changeEntry(of name: InstallationName, _ change: (inout JSONObject) -> Void) {
    guard var entry = entry(of: name) else { return }
    change(&entry)
    entries[name.description] = entry
  }

  /// Stores the cluster on which an installation was found in its entry.
  package mutating func notePlace(
    of name: InstallationName, _ place: ClusterPlace?, identity: ClusterIdentity? = nil
  ) {
    guard entry(of: name) != nil else { return }
    changeEntry(of: name) { entry in
      InstallationCoding.encode(place, into: &entry)
      InstallationCoding.encode(identity, into: &entry)
      entry[Self.assumedKey] = nil
    }
    for index in installations.indices where installations[index].name == name { installations[index].place = place }
    for index in unreadable.indices where unreadable[index].name == name.description {
      (unreadable[index].place, unreadable[index].placeProblem) = (place, nil)
    }
  }

  /// The identity of the cluster that an installation was deployed on; nil if it was never recorded.
  package func identity(of name: InstallationName) -> ClusterIdentity? {
    entry(of: name).flatMap { InstallationCoding.identity(of: .object($0)) }
  }

  /// Stores the identity of an installation's cluster in its entry; nil removes it.
  package mutating func noteIdentity(of name: InstallationName, _ identity: ClusterIdentity?) {
    changeEntry(of: name) { InstallationCoding.encode(identity, into: &$0) }
  }

  /// All installations on all clusters, by name.
  package var all: [Installation] {
    elsewhere.isEmpty ? installations : (installations + elsewhere).sorted { $0.name < $1.name }
  }

  /// Restricts the configuration to certain places.
  mutating func keep(_ isHere: (ClusterPlace?) -> Bool) {
    let everything = all
    installations = everything.filter { isHere($0.place) }
    elsewhere = everything.filter { !isHere($0.place) }
    unreadable.removeAll { !isHere($0.place) }
  }

  /// Stores the kind cluster's name if it is only the default. That makes the cluster deskrun's, so it is done after
  /// deskrun has created or recognized it, never before.
  package mutating func nameCluster() {
    guard document["cluster_name"]?.stringValue?.isEmpty != false else { return }
    // A kind cluster that deskrun has now does not tell where installations deployed before are.
    for name in installations.map(\.name).filter(isDeployedUnseen) {
      changeEntry(of: name) { $0[Self.assumedKey] = .bool(true) }
    }
    let name = JSONValue.string(clusterName)
    document["cluster_name"] = nil
    document = JSONObject([("cluster_name", name)] + document.members.map { ($0.key, $0.value) })
    namesCluster = true
  }

  /// The installation with a name.
  package func installation(named name: InstallationName) -> Installation? { installations.first { $0.name == name } }

  /// Adds an installation or replaces the one with its name. Unknown keys of the old entry are kept.
  package mutating func set(_ installation: Installation) {
    let key = installation.name.description
    let form = CacheCoding.form(of: document, with: installation)
    entries[key] = InstallationCoding.encode(installation, over: entries[key], form: form)
    if form == .later {
      for name in installations.map(\.name) { changeEntry(of: name) { $0 = CacheCoding.withoutFirstKeys($0) } }
    }
    installations.removeAll { $0.name == installation.name }
    installations.append(installation)
    installations.sort { $0.name < $1.name }
    unreadable.removeAll { $0.name == key }
  }

  /// Whether an installation was certainly never deployed: it was added, but no plan reached the cluster. False for an
  /// entry without that information, as in earlier versions.
  package func isUndeployed(_ name: InstallationName) -> Bool {
    entry(of: name)?[Self.deploymentKey] == false
  }

  /// Whether an installation was deployed, but not on the kind cluster that its entry implies: deskrun has never
  /// created or recognized one. An earlier version deployed it on another cluster without storing which.
  package func isDeployedUnseen(_ name: InstallationName) -> Bool {
    let entry = entry(of: name)
    return !namesCluster && entry?[Self.deploymentKey] == true && entry?[InstallationCoding.contextKey] == nil
  }

  /// Records in its entry whether the deployment of an installation has started.
  package mutating func noteDeployment(of name: InstallationName, hasBegun: Bool) {
    changeEntry(of: name) { $0[Self.deploymentKey] = .bool(hasBegun) }
  }

  private static let deploymentKey = "Deployed"

  /// Removes an installation. If others have its name on other clusters, the first of them takes its position, and is
  /// called by the name alone.
  ///
  /// - Returns: whether it existed.
  package mutating func remove(_ name: InstallationName) -> Bool { removeEntry(name.description) }

  /// Removes an invalid entry, even if its key is not a valid name.
  ///
  /// - Returns: whether it existed.
  package mutating func removeUnreadable(_ key: String) -> Bool {
    unreadable.contains(where: { $0.name == key }) && removeEntry(key)
  }

  private mutating func removeEntry(_ key: String) -> Bool {
    guard entries.contains(key) else { return false }
    let successor = entries.successor(of: key)
    entries[key] = nil
    installations.removeAll { $0.name.description == key }
    unreadable.removeAll { $0.name == key }
    if let successor {
      for at in installations.indices where installations[at].name.description == successor {
        installations[at].name = installations[at].name.first
      }
      for at in elsewhere.indices where elsewhere[at].name.description == successor {
        elsewhere[at].name = elsewhere[at].name.first
      }
      for at in unreadable.indices where unreadable[at].name == successor { unreadable[at].name = key }
    }
    return true
  }

  /// A note on which installation is called by the name of another once that is removed; empty if none is.
  package func renaming(byRemoving name: String) -> [String] {
    entries.successor(of: name).map { ["\(SafeText.line($0)) is called \(name) from then on"] } ?? []
  }

  /// The names in a configuration file, valid or not, for completing them.
  package static func names(in document: JSONValue) -> [String] {
    InstallationEntries(document["installations"]?.objectValue ?? [:]).all.map(\.name)
  }

  /// The document to write. It contains secrets.
  package var json: JSONValue { .object(document) }
}

/// The document contains the secrets in the file, so neither descriptions nor mirrors show it.
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
