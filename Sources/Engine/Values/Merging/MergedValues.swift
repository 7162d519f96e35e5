import ARC
import Basics

/// The Helm values of one scale set as Helm gets them: deskrun's own, with those of values files laid over them.
package struct MergedValues: Sendable, Equatable {
  package var value: SourcedValue
  /// The files as they were named, in their order.
  package var files: [String] = []
  /// What a file changes of deskrun's, and what deskrun adds because of a file, a line each.
  package var notes: [String] = []
  /// What a file probably does not mean, a line each.
  package var warnings: [String] = []

  /// Deskrun's own values alone.
  package init(_ values: JSONValue) { value = SourcedValue(values) }

  /// What Helm gets.
  package var json: JSONValue { value.json }

  /// The same as YAML, with the file and line beside each line that comes from a file.
  package var yaml: String { SourcedYAML.text(value) }
}

extension MergedValues {
  /// Merges values files into the values of a scale set.
  ///
  /// - Parameters:
  ///   - values: of the scale set.
  ///   - files: in their order; a later one counts before an earlier one.
  ///   - imported: files whose owned keys were moved into the installation: they are not looked at any more.
  ///   - marking: adds deskrun's mark.
  ///   - chartVersion: the version of the chart that gets them.
  /// - Throws: `EngineError` of kind `invalid` that names every line that is refused.
  package init(
    _ values: ScaleSetValues, files: [ValuesFile], imported: Set<String> = [], chartVersion: String,
    marking: (JSONValue) -> JSONValue = { $0 }
  ) throws(EngineError) {
    guard !files.isEmpty else {
      self.init(marking(values.json))
      return
    }
    let check = ValuesCheck(values, chartVersion: chartVersion)
    for file in files { try check.refuse(file, isImported: imported.contains(file.reference.text)) }

    var values = values
    let brought = files.map(BroughtPod.init)
    values.input.helperImage = brought.compactMap(\.runnerImage).last
    let docker = brought.first { $0.bringsDocker }
    if values.input.mode == .dind, docker != nil { values.input.writesOutDocker = true }
    var base = SourcedValue(marking(values.json))
    if brought.contains(where: \.hasDockerContainer) {
      base.removeItem("dind", ["template", "spec", "initContainers"])
    }

    var merge = ValuesMerge(base)
    for file in files { merge.add(ValuesFile(check.withoutOwned(file.root), file.reference)) }
    if let problem = merge.problems.first {
      throw EngineError(
        .invalid, "\(problem.place.text): \(problem.message)", fix: "Fix the line",
        details: merge.problems.dropFirst().map { "\($0.place.text): \($0.message)" })
    }
    self.init(merge.value)
    self.files = files.map(\.reference.text)
    notes = files.filter { imported.contains($0.reference.text) }.flatMap(check.ignored)
    notes += merge.overrides.map(Self.text)
    warnings = files.flatMap(check.unknownKeys)
    if values.input.mode == .dind, let place = docker?.place {
      // The chart's own daemon would be a second one.
      if value["containerMode"]?["type"]?.json == "dind" { value["containerMode"]?["type"] = nil }
      if value["containerMode"]?.members?.isEmpty == true { value["containerMode"] = nil }
      notes.append(
        "\(place.text) has a Docker daemon of its own: the pod is written out in full, and the chart adds no daemon")
    }
    allowRoot()
    try requireRunner(files)
    var labels = value["labels"] ?? SourcedValue([:])
    labels[OwnershipMark.values] = SourcedValue(.string(ValuesFile.digest(files)))
    value["labels"] = labels
  }

  private init(_ value: SourcedValue) { self.value = value }

  private static func text(_ override: ValuesMerge.Override) -> String {
    func shown(_ value: JSONValue) -> String {
      let text = SafeText.line(value.stringValue ?? value.encoded())
      return text.count > 60 ? text.prefix(59) + "…" : text
    }
    guard let new = override.new else {
      return "\(override.place.text) removes \(override.path): \(shown(override.old))"
    }
    return "\(override.place.text) replaces \(override.path): \(shown(override.old)) -> \(shown(new))"
  }

  /// A runner that is root refuses to start unless it is told that it may.
  private mutating func allowRoot() {
    let path = ["template", "spec"]
    guard let spec = value[path], let runner = spec["containers"]?.item(named: "runner") else { return }
    let user = runner["securityContext"]?["runAsUser"] ?? spec["securityContext"]?["runAsUser"]
    guard user?.json.intValue == 0, let place = user?.place else { return }
    let name = "RUNNER_ALLOW_RUNASROOT"
    guard runner["env"]?.item(named: name) == nil else { return }
    var changed = runner
    let variable = SourcedValue(EnvironmentVariable(name, "1").json)
    changed["env"] = SourcedValue(content: .list((runner["env"]?.items ?? []) + [variable]), place: nil)
    value.replaceItem("runner", with: changed, ["template", "spec", "containers"])
    notes.append("\(name)=1 is added: \(place.text) runs the runner as root, and it refuses that without")
  }

  private func requireRunner(_ files: [ValuesFile]) throws(EngineError) {
    guard value[["template", "spec", "containers"]]?.item(named: "runner") == nil else { return }
    let names = files.map { SafeText.line($0.reference.text) }.joined(separator: ", ")
    throw EngineError(
      .invalid, "The values have no container named runner", why: "\(names) removes it",
      fix: "Leave the container runner in template.spec.containers")
  }
}

/// What a values file brings that decides how the pod is written.
private struct BroughtPod {
  private let spec: YAMLNode?
  private let file: String

  init(_ file: ValuesFile) {
    spec = file.root["template"]?["spec"]
    self.file = file.reference.text
  }

  private func item(_ list: String, _ name: String) -> YAMLNode? {
    spec?[list]?.items?.first { $0["name"]?.json == .string(name) }
  }

  var runnerImage: String? { item("containers", "runner")?["image"]?.json.stringValue }

  /// A daemon as a container and not as an init container, which is how it was written before Kubernetes 1.29.
  var hasDockerContainer: Bool { item("containers", "dind") != nil }

  /// Whether it has what the chart's mode `dind` makes, which would then be there twice.
  var bringsDocker: Bool { place != nil }

  var place: ValuesPlace? {
    let found =
      item("containers", "dind") ?? item("initContainers", "dind") ?? item("initContainers", "init-dind-externals")
      ?? item("volumes", "dind-sock") ?? item("volumes", "dind-externals")
    return found.map { ValuesPlace(file: file, line: $0.mark.line) }
  }
}

extension ValuesFile {
  fileprivate init(_ root: YAMLNode, _ reference: ValuesReference) {
    self.root = root
    self.reference = reference
  }
}

extension SourcedValue {
  fileprivate mutating func removeItem(_ name: String, _ path: [String]) {
    change(path) { list in list.content = .list((list.items ?? []).filter { $0["name"]?.json != .string(name) }) }
  }

  fileprivate mutating func replaceItem(_ name: String, with item: SourcedValue, _ path: [String]) {
    change(path) { list in
      list.content = .list((list.items ?? []).map { $0["name"]?.json == .string(name) ? item : $0 })
    }
  }

  private mutating func change(_ path: [String], _ body: (inout SourcedValue) -> Void) {
    guard let key = path.first else { return body(&self) }
    guard var child = self[key] else { return }
    child.change(Array(path.dropFirst()), body)
    self[key] = child
  }
}
