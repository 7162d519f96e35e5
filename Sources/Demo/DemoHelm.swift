import Engine

/// The simulated helm, compatible with version 4.
struct DemoHelm {
  let call: DemoCall

  private var arguments: DemoArguments { call.arguments }

  private var namespace: String { arguments.value("-n", "--namespace") ?? ClusterTarget.namespace }

  func run() throws {
    let words = arguments.words
    if words.first == "version" { return call.say("v4.1.4+g05fa379\n") }
    // Neither command needs a cluster.
    if words.first == "show" { return try show(words.dropFirst().first ?? "", words.dropFirst(2).first ?? "") }
    if words.first == "template" { return try template(words) }
    do {
      try DemoKubectl(call: call).checkCluster(context: arguments.value("--kube-context"))
    } catch {
      let server = DemoFurtherClusters.server(of: arguments.value("--kube-context") ?? "")
      throw DemoError(
        "Error: kubernetes cluster unreachable: Get \"https://\(server)/version\": dial tcp \(server): "
          + "connect: connection refused")
    }
    switch words.first {
    case "list", "ls": list()
    case "status": try status(words.dropFirst().first ?? "")
    case "get" where words.dropFirst().first == "values": try values(words.dropFirst(2).first ?? "")
    case "upgrade", "install": try upgrade(words)
    case "uninstall", "delete": try uninstall(words.dropFirst().first ?? "")
    case "rollback":
      try call.store.update { state in state.releases[words.dropFirst().first ?? ""]?.status = "deployed" }
      call.say("Rollback was a success! Happy Helming!\n")
    default: throw DemoError("Error: unknown command \"\(words.first ?? "")\" for \"helm\"")
    }
  }

  private func list() {
    let filter = arguments.value("--filter").map { $0.filter { $0 != "^" && $0 != "$" } }
    let world = call.world()
    let releases = world.state.releases.filter {
      (filter == nil || $0.key == filter) && $0.value.namespace ?? ClusterTarget.namespace == namespace
    }.sorted { $0.key < $1.key }
    let items: [JSONValue] = releases.map { name, release in
      let updated = Timestamp.text(Int64(world.clock.wall(of: release.installedAt)))
      return [
        "name": .string(name), "namespace": .string(namespace),
        "revision": .string(String(release.revision)),
        "updated": .string(updated.replacing("T", with: " ").replacing("Z", with: ".0 +0000 UTC")),
        "status": .string(release.status), "chart": .string("\(release.chart)-\(release.version)"),
        "app_version": .string(release.version),
      ]
    }
    call.say(JSONValue.array(items).encoded() + "\n")
  }

  private func release(_ name: String) throws -> DemoState.Release {
    guard let release = call.store.load().releases[name], release.namespace ?? ClusterTarget.namespace == namespace
    else { throw DemoError("Error: release: not found") }
    return release
  }

  private func status(_ name: String) throws {
    let release = try release(name)
    let document: JSONValue = [
      "name": .string(name), "info": ["description": "Install complete", "status": .string(release.status)],
      "config": (try? JSONValue(parsing: release.values)) ?? [:], "version": .int(release.revision),
      "namespace": .string(namespace),
    ]
    call.say(document.encoded() + "\n")
  }

  private func values(_ name: String) throws { call.say(try release(name).values + "\n") }

  // MARK: Installing

  /// Resolves a chart reference to its name and version.
  private func chart(_ reference: String) throws -> (name: String, release: ARCRelease) {
    let chart = reference.split(separator: "/").last.map(String.init) ?? ""
    let version = arguments.value("--version") ?? SupportedARC.newest.description
    if call.faults.registryIsAway {
      throw DemoError(
        "Error: failed to perform \"FetchReference\" on source: Get \"https://ghcr.io/v2/actions/"
          + "actions-runner-controller-charts/\(chart)/manifests/\(version)\": dial tcp: lookup ghcr.io: no such host")
    }
    guard let release = SupportedARC.releases.first(where: { $0.description == version }) else {
      throw DemoError("Error: ghcr.io/actions/actions-runner-controller-charts/\(chart):\(version): not found")
    }
    call.complain("Pulled: ghcr.io/actions/actions-runner-controller-charts/\(chart):\(version)")
    return (chart, release)
  }

  private func show(_ what: String, _ reference: String) throws {
    let (name, release) = try chart(reference)
    switch what {
    case "chart":
      call.say("apiVersion: v2\nname: \(name)\nversion: \(release)\nappVersion: \"\(release)\"\n")
    case "crds":
      guard name == "gha-runner-scale-set-controller" else { return }
      // JSON is valid YAML, and the only format that the demo's kubectl parses.
      call.say(
        JSONValue.object([
          "apiVersion": "v1", "kind": "List", "items": .array(DemoDefinitions(release).objects.map(\.1)),
        ]).encoded() + "\n")
    default: throw DemoError("Error: unknown command \"\(what)\" for \"helm show\"")
    }
  }

  private func template(_ words: [String]) throws {
    guard words.count >= 3 else { throw DemoError("Error: \"helm template\" requires at least 1 argument") }
    let (chart, release) = try chart(words[2])
    if chart == "gha-runner-scale-set" { try check(words[1], try mergedValues(), release) }
    call.say("---\n")
  }

  private func upgrade(_ words: [String]) throws {
    guard words.count >= 3 else { throw DemoError("Error: \"helm upgrade\" requires 2 arguments") }
    let name = words[1]
    let values = try mergedValues()
    let (chart, release) = try chart(words[2])
    let version = release.description
    let isScaleSet = chart == "gha-runner-scale-set"
    if isScaleSet {
      try check(name, values, release)
      try checkCluster(name, values, release)
    }
    call.take(isScaleSet ? 0.8 : 3)
    try call.store.update { state in
      // Helm installs missing CRDs but never upgrades existing ones.
      if !isScaleSet { state.definitions = state.definitions ?? version }
      let now = DemoClock(state: state, wall: DemoStore.wallClock()).now
      let old = state.releases[name]
      let isSameTemplate =
        old.map { (try? JSONValue(parsing: $0.values))?["template"] == values["template"] && $0.version == version }
        ?? false
      var release = DemoState.Release(
        chart: chart, version: version, revision: (old?.revision ?? 0) + 1, values: values.encoded(),
        installedAt: old?.installedAt ?? now, templateSince: isSameTemplate ? old?.templateSince ?? now : now)
      if namespace != ClusterTarget.namespace { release.namespace = namespace }
      if isScaleSet, isSameTemplate, let old {
        release.changes = DemoScaleSet(name: name, release: old, state: state).changes(
          to: DemoScaleSet(name: name, release: release, state: state), at: now)
      }
      state.releases[name] = release
      state.leaving[name] = nil
      DemoTrouble.end(in: &state, by: isScaleSet ? .upgradedScaleSet(name) : .upgradedController)
    }
    call.say("{\"name\":\"\(name)\",\"namespace\":\"\(namespace)\"}\n")
  }

  private func mergedValues() throws -> JSONValue {
    var merged: JSONValue = [:]
    for file in arguments.values("-f", "--values") {
      let bytes: [UInt8]
      if file == "-" {
        bytes = call.input()
      } else if let read = try? FileIO.read(file) {
        bytes = read
      } else {
        throw DemoError("Error: open \(file): no such file or directory")
      }
      do {
        merged = Self.merge(merged, try JSONValue(parsing: bytes))
      } catch {
        throw DemoError(
          "Error: failed to parse \(file): cannot unmarshal yaml document: error converting YAML to JSON: yaml: line "
            + "\(error.line): \(error.message) (the demo's helm reads values as JSON alone)")
      }
    }
    return merged
  }

  private static func merge(_ base: JSONValue, _ over: JSONValue) -> JSONValue {
    guard case .object(var object) = base, case .object(let changes) = over else { return over }
    for (key, value) in changes.members { object[key] = object[key].map { merge($0, value) } ?? value }
    return .object(object)
  }

  /// The chart's own validation, with its messages.
  private func check(_ name: String, _ values: JSONValue, _ release: ARCRelease) throws {
    func fail(_ text: String) -> DemoError {
      DemoError("Error: execution error at (gha-runner-scale-set/templates/autoscalingrunnerset.yaml:7:5): \(text)")
    }
    if name.count > 45 { throw fail("Name must have up to 45 characters") }
    if (values["githubConfigUrl"]?.stringValue ?? "").isEmpty { throw fail(".Values.githubConfigUrl is required") }
    guard values["githubConfigSecret"] != nil else {
      throw fail("Values.githubConfigSecret is required for setting auth with GitHub server.")
    }
    if let minimum = values["minRunners"]?.intValue, let maximum = values["maxRunners"]?.intValue, maximum < minimum {
      throw fail("maxRunners has to be greater or equal to minRunners")
    }
    if release.isInPlaceGeneration { try checkAsFrom015(values) }
  }

  /// Validation added in 0.15: the schema allows only `listenerConfig`, and the templates check labels.
  private func checkAsFrom015(_ values: JSONValue) throws {
    if let scaler = values["listenerConfig"]?["scaler"] {
      for (key, value) in scaler.objectValue?.members ?? [] where (value.intValue ?? 0) < 1 {
        throw DemoError(
          "Error: values don't meet the specifications of the schema(s) in the following chart(s):\n"
            + "gha-runner-scale-set:\n- at '/listenerConfig/scaler/\(key)': "
            + (value.intValue == nil ? "got string, want integer" : "minimum: got \(value.encoded()), want 1"))
      }
    }
    for (key, value) in values["labels"]?.objectValue?.members ?? [] where value.stringValue?.contains(" ") == true {
      throw DemoError(
        "Error: execution error at (gha-runner-scale-set/templates/autoscalingrunnerset.yaml:12:3): .Values.labels: "
          + "invalid value \(value.encoded()) for label \"\(key)\": it must be empty or consist of letters, digits, '-', "
          + "'_' and '.', with a letter or a digit at both ends")
    }
  }

  /// What only the cluster rejects.
  private func checkCluster(_ name: String, _ values: JSONValue, _ release: ARCRelease) throws {
    func fail(_ text: String) -> DemoError {
      DemoError("Error: execution error at (gha-runner-scale-set/templates/autoscalingrunnerset.yaml:7:5): \(text)")
    }
    guard call.store.load().releases.values.contains(where: { $0.chart == "gha-runner-scale-set-controller" }) else {
      throw fail(
        "No gha-rs-controller deployment found using label (app.kubernetes.io/part-of=gha-rs-controller). Consider "
          + "setting controllerServiceAccount.name in values.yaml to be explicit if you think the discovery is wrong.")
    }
    if release.isInPlaceGeneration, values["listenerConfig"] != .null,
      call.store.load().definitions.flatMap(ARCRelease.init)?.isInPlaceGeneration == false
    {
      throw DemoError(
        "Error: failed to create typed patch object (\(namespace)/\(name); actions.github.com/v1alpha1, "
          + "Kind=AutoscalingRunnerSet): .spec.listenerConfig: field not declared in schema")
    }
    if call.store.load().leaving[name] != nil, call.world().scaleSets.contains(where: { $0.name == name }) {
      throw DemoError(
        "Error: object is being deleted: autoscalingrunnersets.actions.github.com \"\(name)\" already exists")
    }
  }

  private func uninstall(_ name: String) throws {
    guard call.store.load().releases[name] != nil else {
      throw DemoError("Error: uninstall: Release not loaded: \(name): release: not found")
    }
    call.take(0.5)
    try call.store.update { state in
      guard let release = state.releases.removeValue(forKey: name) else { return }
      let now = DemoClock(state: state, wall: DemoStore.wallClock()).now
      if release.chart == "gha-runner-scale-set" { state.leaving[name] = .init(release: release, at: now) }
    }
    call.say("release \"\(name)\" uninstalled\n")
  }
}
