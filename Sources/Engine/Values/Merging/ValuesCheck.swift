import ARC
import Basics
import Tools

/// Checks the contents of a values file: no keys that the installation determines, no secrets, and values with the
/// chart's types.
struct ValuesCheck {
  private let values: ScaleSetValues
  private let own: JSONValue
  private let keys: ChartKeys
  private let chartVersion: String

  init(_ values: ScaleSetValues, chartVersion: String) {
    self.values = values
    own = values.json
    keys = ChartKeys.of(chartVersion: chartVersion)
    self.chartVersion = chartVersion
  }

  private var namespace: String { values.input.settings.namespace ?? ClusterTarget.namespace }

  private struct Problem {
    var place: ValuesPlace
    var message: String
  }

  /// Rejects a file that cannot be merged.
  ///
  /// - Throws: `EngineError` of kind `invalid` with every rejected line, worst kind first.
  func refuse(_ file: ValuesFile, isImported: Bool) throws(EngineError) {
    let path = SafeText.line(file.reference.text)
    let secrets = secrets(file)
    if let first = secrets.first {
      throw EngineError(
        .invalid, "\(first.place.text): \(first.message)",
        why: "Helm would keep it in the release, where everyone who reads Secrets of the namespace sees it",
        fix: "Remove it from the file; give the credentials with --auth-value @FILE, -, env:NAME or gh",
        details: lines(secrets.dropFirst()))
    }
    let owned = isImported ? [] : owned(file)
    if let first = owned.first {
      let canImport = owned.contains(where: \.canImport)
      let isReserved = owned.allSatisfy { $0.reason != nil }
      throw EngineError(
        .invalid,
        owned.count == 1
          ? "\(first.place.text): \(first.key) is set by "
            + (first.reason == nil ? "the installation" : "others and may not be changed")
          : "\(path) sets \(owned.count) keys that "
            + (isReserved ? "others set and that may not be changed" : "the installation sets"),
        why: isReserved
          ? first.reason : "Its option decides, so that the configuration and the cluster agree",
        fix: owned.count == 1
          ? first.advice
          : canImport
            ? "Remove them, or move them into the installation: `deskrun add --import \(path)`" : "Remove them",
        details: owned.count == 1
          ? [] : owned.map { "\($0.place.text): \($0.key): \($0.advice)\($0.reason.map { ": \($0)" } ?? "")" })
    }
    var wrong = wrongTypes(file.root, keys, [], file) + variables(file)
    wrong += PodCheck.problems(file.root, isImported: isImported).map {
      Problem(place: place($0.mark, file), message: $0.message)
    }
    if ChartKeys.refusesMetadata(chartVersion) {
      wrong += MetadataCheck.problems(file.root).map { Problem(place: place($0.mark, file), message: $0.message) }
    }
    guard let first = wrong.first else { return }
    throw EngineError(
      .invalid, "\(first.place.text): \(first.message)", fix: "Fix the line in \(path)",
      details: lines(wrong.dropFirst()))
  }

  private func lines(_ problems: some Sequence<Problem>) -> [String] {
    problems.map { "\($0.place.text): \($0.message)" }
  }

  private func place(_ mark: YAMLMark, _ file: ValuesFile) -> ValuesPlace {
    ValuesPlace(file: file.reference.text, line: mark.line)
  }

  // MARK: Keys of the installation

  private struct Owned {
    var key: String
    var place: ValuesPlace
    /// What to do instead.
    var advice: String
    var canImport = true
    /// Why it is rejected, if not for the usual reason.
    var reason: String?
  }

  private func owned(_ file: ValuesFile) -> [Owned] {
    var found: [Owned] = []
    for member in file.root.members ?? [] where !saysTheSame(member) {
      guard let owned = OwnedKey(rawValue: member.key) else { continue }
      found.append(
        Owned(
          key: member.key, place: place(member.mark, file), advice: owned.advice(member.value.json),
          canImport: owned.canBeImported))
    }
    for (path, member, reason) in ReservedKey.found(file.root) {
      found.append(
        Owned(key: path, place: place(member.mark, file), advice: "Remove it", canImport: false, reason: reason))
    }
    if let mode = otherMode(file) { found.append(mode) }
    return found
  }

  /// Keys of an imported file that differ from the installation's, one line each.
  func ignored(_ file: ValuesFile) -> [String] {
    owned(file).filter { $0.key != OwnedKey.githubConfigSecret.rawValue }.map { owned in
      let why: String
      switch OwnedKey(rawValue: owned.key) {
      case .namespaceOverride: why = "runners are in the namespace \(namespace)"
      case .controllerServiceAccount: why = "the chart finds the service account of the controller"
      default: why = owned.reason ?? "the installation decides it since the file was imported"
      }
      return "\(owned.place.text): \(owned.key) is not used: \(why)"
    }
  }

  /// Whether a file's value for an owned key equals the installation's, or means unset.
  private func saysTheSame(_ member: YAMLMember) -> Bool {
    let value = member.value.json
    if own[member.key] == value { return true }
    switch (OwnedKey(rawValue: member.key), value) {
    // With null, a file requests the chart's default, but the installation sets all of these.
    case (nil, _), (_, .null): return true
    case (.runnerGroup, .string("default")), (.runnerGroup, .string("")): return own["runnerGroup"] == nil
    case (.scaleSetLabels, .array(let items)):
      let labels = own["scaleSetLabels"]?.arrayValue ?? []
      return items.count == labels.count
        && items.allSatisfy { item in labels.contains { $0.stringValue == OwnedKey.label(item) } }
    case (.namespaceOverride, .string("")): return true
    case (.namespaceOverride, .string(let name)): return name == namespace
    case (.githubConfigUrl, .string(let url)):
      return own["githubConfigUrl"]?.stringValue.map { Readiness.isSame($0, url) } ?? false
    default: return false
    }
  }

  private func otherMode(_ file: ValuesFile) -> Owned? {
    guard let mode = file.root["containerMode"], let type = mode["type"], let text = type.json.stringValue,
      !text.isEmpty, own["containerMode"]?["type"]?.stringValue != text,
      !(values.input.mode == .dind && text == "dind")
    else { return nil }
    let known: ContainerMode? =
      switch text {
      case "kubernetes": .kubernetes
      case "kubernetes-novolume": .cachedPrivilegedKubernetes
      case "dind": .dind
      default: nil
      }
    return Owned(
      key: "containerMode.type", place: place(type.mark, file),
      advice: known.map { "Use --mode \($0.rawValue)" } ?? "Remove it", canImport: known != nil)
  }

  /// The values without the keys that the installation determines: these are equal, or were transferred to it.
  func withoutOwned(_ root: YAMLNode) -> YAMLNode {
    guard let members = root.members else { return root }
    var root = root
    root.content = .map(
      members.compactMap { member in
        guard OwnedKey(rawValue: member.key) == nil else { return nil }
        guard member.key == "containerMode" else { return ReservedKey.removed(from: member) }
        var kept = member
        kept.value.content = .map(
          (member.value.members ?? []).filter { inner in
            // An empty type requests a pod without a mode's additions.
            inner.key != "type" || inner.value.json.stringValue?.isEmpty == true
          })
        return kept.value.members?.isEmpty == true ? nil : kept
      })
    return root
  }

  // MARK: Secrets

  private func secrets(_ file: ValuesFile) -> [Problem] {
    var found: [Problem] = []
    var lines: Set<Int> = []
    for member in file.root["githubConfigSecret"]?.members ?? []
    where ["github_token", "github_app_private_key"].contains(member.key) {
      if member.value.json.stringValue?.isEmpty == false {
        found.append(Problem(place: place(member.mark, file), message: "a credential in the values: \(member.key)"))
        lines.insert(member.mark.line)
      }
    }
    func walk(_ node: YAMLNode) {
      switch node.content {
      case .map(let members):
        for member in members where !lines.contains(member.mark.line) { walk(member.value) }
      case .list(let items): for item in items { walk(item) }
      case .scalar(let value):
        // A string of forty hexadecimal digits is more often a commit than an old token.
        guard let text = value.stringValue, SecretShapes.isSecret(text),
          text.utf8.count != 40 || !text.allSatisfy(\.isHexDigit)
        else { return }
        found.append(Problem(place: place(node.mark, file), message: "a token or a private key in the values"))
        lines.insert(node.mark.line)
      }
    }
    walk(file.root)
    return found
  }

  // MARK: Types

  private func wrongTypes(_ node: YAMLNode, _ keys: ChartKeys, _ path: [PathStep], _ file: ValuesFile) -> [Problem] {
    guard keys.accepts(node.content) else {
      return [
        Problem(place: place(node.mark, file), message: "\(PathStep.text(path)) must be \(keys.typeName)")
      ]
    }
    guard let children = keys.children else { return [] }
    return (node.members ?? []).flatMap { member -> [Problem] in
      guard let known = children[member.key] else { return [] }
      // Keys that the installation determines are compared with it, not checked here.
      if path.isEmpty, OwnedKey(rawValue: member.key) != nil { return [] }
      return wrongTypes(member.value, known, path + [.key(member.key)], file)
    }
  }

  /// The API server rejects environment variables that are numbers or booleans.
  private func variables(_ file: ValuesFile) -> [Problem] {
    var found: [Problem] = []
    for list in ["containers", "initContainers"] {
      for container in file.root["template"]?["spec"]?[list]?.items ?? [] {
        for variable in container["env"]?.items ?? [] {
          guard let value = variable["value"] else { continue }
          switch value.json {
          case .string, .null: continue
          default:
            let name = SafeText.line(variable["name"]?.json.stringValue ?? "")
            found.append(
              Problem(place: place(value.mark, file), message: "the value of the variable \(name) must be in quotes"))
          }
        }
      }
    }
    return found
  }

  // MARK: Secrets in plain text

  /// Secrets that are merged unchanged, with a warning each.
  func plainSecrets(_ file: ValuesFile) -> [String] {
    PlainSecrets.found(file).map { mark, what, advice in
      "\(place(mark, file).text): \(what) is a secret in plain text, which Helm keeps in the release; \(advice)"
    }
  }

  // MARK: Unknown keys

  /// Keys that the chart does not have, each with the probably intended key. Helm ignores them.
  func unknownKeys(_ file: ValuesFile) -> [String] {
    unknown(file.root, keys, [], file)
  }

  private func unknown(_ node: YAMLNode, _ keys: ChartKeys, _ path: [PathStep], _ file: ValuesFile) -> [String] {
    guard let children = keys.children else { return [] }
    return (node.members ?? []).flatMap { member -> [String] in
      let here = path + [.key(member.key)]
      if let known = children[member.key] { return unknown(member.value, known, here, file) }
      // By convention, these prefixes mark blocks that hold anchors.
      guard !["x-", ".", "_"].contains(where: member.key.hasPrefix) else { return [] }
      return [
        "\(place(member.mark, file).text): the chart has no key \(PathStep.text(here)), so it is ignored"
          + meant(member.key, path, Array(children.keys))
      ]
    }
  }

  private func meant(_ key: String, _ path: [PathStep], _ known: [String]) -> String {
    if path.isEmpty, let place = PodKey.place(of: key) { return "; \(place)" }
    guard let nearest = NearestKey.of(key, among: known) else { return "" }
    let option = path.isEmpty ? OwnedKey(rawValue: nearest)?.option : nil
    return "; did you mean \(nearest)\(option.map { " (\($0))" } ?? "")?"
  }
}
