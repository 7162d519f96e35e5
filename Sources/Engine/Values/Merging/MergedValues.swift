import ARC
import Basics

/// The Helm values of a scale set: deskrun's own, overlaid with those of values files.
package struct MergedValues: Sendable, Equatable {
  package var value: SourcedValue
  /// The files as specified, in order.
  package var files: [String] = []
  /// What a file changes in deskrun's values, and what deskrun adds because of a file, one line each.
  package var notes: [String] = []
  /// What is probably a mistake in a file, one line each.
  package var warnings: [String] = []

  /// Only deskrun's own values.
  package init(_ values: JSONValue) { value = SourcedValue(values) }

  /// The values passed to Helm.
  package var json: JSONValue { value.json }

  /// The values for display, without the plain-text secrets of files.
  package var shown: SourcedValue { PlainSecrets.masked(value) }

  /// The values as YAML, with file and line next to each line that comes from a file.
  package var yaml: String { SourcedYAML.text(value) }
}

extension MergedValues {
  /// Merges values files into the values of a scale set.
  ///
  /// - Parameters:
  ///   - values: the values of the scale set.
  ///   - files: in order; later files override earlier ones.
  ///   - imported: files whose owned keys were moved into the installation; these keys are ignored.
  ///   - marking: adds deskrun's labels.
  ///   - chartVersion: the version of the chart for the values.
  /// - Throws: `EngineError` of kind `invalid` that names every rejected line.
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
    if values.input.mode == .kubernetes { try Self.refuseDockerWithoutClaim(brought) }
    let isDocker = values.input.mode == .dind
    if isDocker, docker != nil { values.input.writesOutDocker = true }
    var base = SourcedValue(marking(values.json))
    // If there are two of them, one has the chart's own style.
    let isTwice = brought.contains(where: \.hasDockerInitContainer) && brought.contains(where: \.hasDockerContainer)
    let isContainer = brought.contains(where: \.hasWholeDockerContainer) && !isTwice
    if isDocker { base.prepareDaemon(for: brought, asContainer: isContainer) }

    var merge = ValuesMerge(base)
    let taken = Set(brought.flatMap(\.dockerInitKeys))
    for (file, pod) in zip(files, brought) {
      let root = check.withoutOwned(file.root)
      // Only a limit or an image is meant for the existing daemon, which is an init container.
      let roots = isDocker && !isContainer && pod.hasDockerContainer ? root.movingDaemon(without: taken) : [root]
      for root in roots { merge.add(ValuesFile(root, file.reference)) }
    }
    if let problem = merge.problems.first {
      throw EngineError(
        .invalid, "\(problem.place.text): \(problem.message)", fix: "Fix the line",
        details: merge.problems.dropFirst().map { "\($0.place.text): \($0.message)" })
    }
    self.init(merge.value)
    self.files = files.map(\.reference.text)
    notes = files.filter { imported.contains($0.reference.text) }.flatMap(check.ignored)
    notes += merge.overrides.map(Self.text)
    warnings = files.flatMap(check.unknownKeys) + files.flatMap(check.plainSecrets)
    if !isDocker, let place = brought.compactMap(\.daemonPlace).first {
      warnings.append("\(place.text): this file brings its own Docker daemon; use `--mode dind`")
    }
    if values.input.mode == .dind, let place = docker?.place {
      // The chart's own daemon would be a duplicate.
      if value["containerMode"]?["type"]?.json == "dind" { value["containerMode"]?["type"] = nil }
      if value["containerMode"]?.members?.isEmpty == true { value["containerMode"] = nil }
      notes.append(
        brought.contains(where: \.isPartOfDaemon) && !isContainer
          ? "\(place.text) changes the Docker daemon: the pod is written out in full, and the rest of the daemon is kept"
          : "\(place.text) has a Docker daemon of its own: the pod is written out in full, and the chart adds no daemon"
      )
    }
    if isDocker, isTwice, let place = brought.compactMap(\.dockerContainer).first {
      notes.append(
        "\(place.text) has the Docker daemon dind in containers beside the one in initContainers: they become one init "
          + "container, as the chart writes it, and what is in initContainers counts")
    }
    allowRoot()
    try requireRunner(files)
    try ResourceCheck.refuse(value)
    var labels = value["labels"] ?? SourcedValue([:])
    labels[OwnershipMark.values] = SourcedValue(.string(ValuesFile.digest(files)))
    value["labels"] = labels
  }

  private init(_ value: SourcedValue) { self.value = value }

  /// A work volume that is not a claim, next to a daemon that should share it, was written for another mode.
  private static func refuseDockerWithoutClaim(_ brought: [BroughtPod]) throws(EngineError) {
    guard let place = brought.compactMap(\.daemonPlace).first, let work = brought.compactMap(\.plainWorkVolume).first
    else { return }
    throw EngineError(
      .invalid, "\(place.text): this file brings its own Docker daemon, which the mode kubernetes has no place for",
      why: "Its volume work (\(work.text)) is not the claim that job pods of this mode share", fix: "Use --mode dind")
  }

  private static func text(_ override: ValuesMerge.Override) -> String {
    func shown(_ value: JSONValue) -> String {
      let value = PlainSecrets.masked(value, below: override.keys)
      let text = SafeText.line(value.stringValue ?? value.encoded())
      return text.count > 60 ? text.prefix(59) + "…" : text
    }
    guard let new = override.new else {
      return "\(override.place.text) removes \(override.path): \(shown(override.old))"
    }
    return "\(override.place.text) replaces \(override.path): \(shown(override.old)) -> \(shown(new))"
  }

  /// A runner refuses to run as root unless explicitly allowed to.
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

  /// Keeps the parts of deskrun's daemon that a file does not define itself.
  ///
  /// - Parameter isContainer: whether the daemon is a regular container, not an init container: the style before
  ///   Kubernetes 1.29.
  fileprivate mutating func prepareDaemon(for brought: [BroughtPod], asContainer isContainer: Bool) {
    let (spec, initContainers) = (["template", "spec"], ["template", "spec", "initContainers"])
    guard var daemon = self[initContainers]?.item(named: "dind") else { return }
    guard !brought.contains(where: \.hasOtherDaemon) else { return removeItem("dind", initContainers) }
    for item in brought.flatMap(\.daemons) {
      // Arguments belong to a command, and a probe has a single method.
      if item["command"] != nil, item["args"] == nil { daemon["args"] = nil }
      if item["startupProbe"] != nil { daemon["startupProbe"] = nil }
    }
    if isContainer {
      daemon["restartPolicy"] = nil
      removeItem("dind", initContainers)
      change(spec) { pod in
        let containers = pod["containers"]?.items ?? []
        pod["containers"] = SourcedValue(content: .list(containers + [daemon]), place: nil)
      }
    } else {
      replaceItem("dind", with: daemon, initContainers)
    }
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
