@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

extension FakeCluster {
  /// The value of an option, given as `--name value` or `--name=value`.
  static func option(_ names: [String], _ arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      for name in names {
        if argument == name, index + 1 < arguments.count { return arguments[index + 1] }
        if argument.hasPrefix(name + "=") { return String(argument.dropFirst(name.count + 1)) }
      }
    }
    return nil
  }

  static func words(_ arguments: [String], valued: Set<String>) -> [String] {
    var words: [String] = []
    var skip = false
    for argument in arguments {
      if skip {
        skip = false
      } else if valued.contains(argument) {
        skip = true
      } else if !argument.hasPrefix("-") || argument == "-" {
        words.append(argument)
      }
    }
    return words
  }

  static func helm(_ arguments: [String], _ input: String, _ state: inout State) -> ToolResult {
    let words = words(
      arguments,
      valued: [
        "--kube-context", "--kubeconfig", "-n", "--namespace", "-o", "--output", "-f", "--values", "--version",
        "--timeout", "--template", "--history-max", "--set",
      ])
    if words.first == "version" { return ok("v4.1.4+g05fa379") }
    if words.first == "show" { return show(words, arguments, state) }
    if words.first == "template" {
      return state.refusesValues.map { fail($0) } ?? ok("---\n")
    }
    guard state.node == "running" else { return fail("Error: Kubernetes cluster unreachable: connection refused") }
    switch words.first {
    case "status":
      guard let release = state.releases[words[1]] else { return fail("Error: release: not found") }
      return ok(describe(words[1], release))
    case "list":
      return ok(
        .array(
          state.releases.filter { state.namespace(of: $0.key) == option(["-n", "--namespace"], arguments) }
            .sorted { $0.key < $1.key }.map { name, release in
              [
                "name": .string(name), "namespace": .string(state.namespace(of: name)), "revision": "1",
                "status": .string(release.status),
                "chart": .string("\(release.chart)-\(release.version)"), "app_version": .string(release.version),
                "updated": "2026-11-23 23:55:19.353321084 +0000 UTC",
              ]
            }))
    case "get": return state.releases[words[2]].map { ok($0.values) } ?? fail("Error: release: not found")
    case "rollback":
      state.releases[words[1]]?.status = "deployed"
      return ok()
    case "uninstall":
      guard state.releases.removeValue(forKey: words[1]) != nil else {
        return fail("Error: uninstall: Release not loaded: \(words[1]): release: not found")
      }
      if words[1] == ARCCharts.controllerRelease {
        state.objects["deployments/\(ARCCharts.controllerDeployment)"] = nil
      } else {
        for set in sets(of: words[1], state) { takeAway(set, &state) }
        state.objects["roles/\(words[1])-gha-rs-manager"] = nil
      }
      return ok()
    case "upgrade": return upgrade(words[1], chart: words[2], arguments, input, &state)
    default: return fail("Error: unknown command \(words)")
    }
  }

  private static func show(_ words: [String], _ arguments: [String], _ state: State) -> ToolResult {
    let version = option(["--version"], arguments) ?? ""
    guard hasChart(version, state) else { return notFound(words[2], version) }
    guard words[1] == "crds" else { return ok("version: \(version)\n") }
    return ok(.object(["kind": "List", "items": .array(DeploymentNames.definitions.map { definition($0, version) })]))
  }

  private static func hasChart(_ version: String, _ state: State) -> Bool {
    SupportedARC.releases.contains { $0.description == version } || state.moreVersions.contains(version)
  }

  private static func notFound(_ chart: String, _ version: String) -> ToolResult {
    fail("Error: \(chart.replacing("oci://", with: "")):\(version): not found")
  }

  /// A definition with the part of its schema that distinguishes the versions.
  static func definition(_ name: String, _ version: String) -> JSONValue {
    let isLater = ARCRelease(version)?.isInPlaceGeneration == true
    let status: JSONValue =
      switch (name, isLater) {
      case (ResourceDefinitions.scaleSets, true): ["properties": ["observedGeneration": ["type": "integer"]]]
      case (ResourceDefinitions.runnerSets, false): ["required": ["currentReplicas"]]
      default: ["properties": [:]]
      }
    return [
      "kind": "CustomResourceDefinition", "metadata": ["name": .string(name)], "testVersion": .string(version),
      "spec": [
        "versions": [
          ["name": "v1alpha1", "schema": ["openAPIV3Schema": ["properties": ["status": status]]]]
        ]
      ],
    ]
  }

  private static func describe(
    _ name: String, _ release: (chart: String, version: String, status: String, values: JSONValue)
  ) -> JSONValue {
    [
      "name": .string(name), "namespace": "arc-systems", "version": 1, "config": release.values,
      "info": ["status": .string(release.status), "description": "Install complete"],
      "chart": ["metadata": ["name": .string(release.chart), "version": .string(release.version)]],
    ]
  }

  private static func upgrade(
    _ name: String, chart: String, _ arguments: [String], _ input: String, _ state: inout State
  ) -> ToolResult {
    let version = option(["--version"], arguments) ?? ""
    let chartName = String(chart.split(separator: "/").last ?? "")
    if let release = state.releases[name], release.status.hasPrefix("pending") {
      return fail("Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress")
    }
    guard let values = try? JSONValue(parsing: input) else { return fail("Error: cannot parse values") }
    let minor = ARCRelease(version)?.minor
    guard hasChart(version, state) || chart.hasPrefix("oci://charts/") else { return notFound(chart, version) }
    if chartName == "gha-runner-scale-set", minor == SupportedARC.newest.minor,
      state.definitionsVersion.flatMap(ARCRelease.init)?.isInPlaceGeneration == false
    {
      return fail("Error: failed to create typed patch object (x): .spec.listenerConfig: field not declared in schema")
    }
    state.releases[name] = (chartName, version, "deployed", values)
    state.places[name] = option(["-n", "--namespace"], arguments)
    if chartName == "gha-runner-scale-set-controller" {
      for definition in DeploymentNames.definitions where state.objects["\(Self.definitions)/\(definition)"] == nil {
        state.objects["\(Self.definitions)/\(definition)"] = Self.definition(definition, version)
        state.definitionsVersion = version
      }
      var labels: JSONObject = [
        "app.kubernetes.io/part-of": "gha-rs-controller", "app.kubernetes.io/instance": .string(name),
        "app.kubernetes.io/version": .string(version),
      ]
      for (key, value) in values["labels"]?.objectValue?.members ?? [] { labels[key] = value }
      state.objects["deployments/\(ARCCharts.controllerDeployment)"] = [
        "metadata": [
          "name": .string(ARCCharts.controllerDeployment), "namespace": "arc-systems",
          "labels": .object(labels),
        ],
        "status": ["readyReplicas": 1],
      ]
      deleteOthers(&state)
      state.objects["pods/\(ARCCharts.controllerDeployment)-x"] = [
        "metadata": [
          "name": .string("\(ARCCharts.controllerDeployment)-x"), "namespace": "arc-systems",
          "labels": ["app.kubernetes.io/part-of": "gha-rs-controller"],
        ]
      ]
      return ok("{}")
    }
    guard hasController(state) else {
      state.releases[name] = nil
      return fail(
        "Error: UPGRADE FAILED: No gha-rs-controller deployment found using label (app.kubernetes.io/part-of=gha-rs-controller)"
      )
    }
    bringUp(name, values, &state)
    deleteOthers(&state)
    return ok("{}")
  }

  /// A controller deletes scale sets of another minor version, even if their runners are busy.
  private static func deleteOthers(_ state: inout State) {
    let key = "deployments/\(ARCCharts.controllerDeployment)"
    let label: (JSONValue?) -> String = { $0?["metadata"]?["labels"]?["app.kubernetes.io/version"]?.stringValue ?? "" }
    guard let controller = state.objects[key] else { return }
    for (name, object) in state.objects where name.hasPrefix("autoscalingrunnersets/") {
      let version = label(object)
      guard !version.isEmpty, !ARCVersion.isSameMinor(version, label(controller)) else { continue }
      let set = String(name.dropFirst("autoscalingrunnersets/".count))
      state.killed.formUnion(state.busy.intersection([set]))
      state.busy.remove(set)
      takeAway(set, &state)
    }
  }

  static let definitions = "customresourcedefinitions"

  private static func hasController(_ state: State) -> Bool {
    state.objects.keys.contains { $0.hasPrefix("deployments/") }
  }

  static func sets(of release: String, _ state: State) -> [String] {
    state.objects.compactMap { key, object in
      guard key.hasPrefix("autoscalingrunnersets/"),
        object["metadata"]?["annotations"]?["meta.helm.sh/release-name"]?.stringValue == release
      else { return nil }
      return object["metadata"]?["name"]?.stringValue
    }
  }

  /// The controller's reaction to a scale set with valid credentials.
  static func bringUp(_ release: String, _ values: JSONValue, _ state: inout State) {
    let name = values["runnerScaleSetName"]?.stringValue ?? release
    let home = state.namespace(of: release)
    var secret = "secrets/\(values["githubConfigSecret"]?.stringValue ?? "")"
    // The chart creates a Secret from a token in the values, as passed by the earlier program.
    if let token = values["githubConfigSecret"]?["github_token"]?.stringValue {
      secret = "secrets/\(release)-gha-rs-github-secret"
      state.objects[secret] = ["data": ["github_token": .string(Base64.encode(token.utf8))]]
    }
    let isRegistered = state.objects[secret] != nil && !state.refusesToken
    let labels: JSONValue = [
      "actions.github.com/scale-set-name": .string(name), "actions.github.com/scale-set-namespace": .string(home),
    ]
    var ownLabels: JSONObject = ["actions.github.com/scale-set-name": .string(name)]
    if let version = state.releases[name]?.version { ownLabels["app.kubernetes.io/version"] = .string(version) }
    for (key, value) in values["labels"]?.objectValue?.members ?? [] { ownLabels[key] = value }
    var annotations: JSONObject = [
      "meta.helm.sh/release-name": .string(release), "meta.helm.sh/release-namespace": .string(home),
    ]
    if isRegistered { annotations["runner-scale-set-id"] = "7" }
    // ARC 0.14 keeps the id of a former URL, which GitHub does not know for the new one.
    let former = state.objects["autoscalingrunnersets/\(name)"]?["spec"]?["githubConfigUrl"]
    if isRegistered, let former, former != values["githubConfigUrl"] { state.listenersEnd = State.notFound }
    if former == nil, state.listenersEnd == State.notFound { state.listenersEnd = nil }
    state.objects["roles/\(release)-gha-rs-manager"] = [
      "metadata": [
        "name": .string("\(release)-gha-rs-manager"), "namespace": .string(home),
        "labels": .object(values["labels"]?.objectValue ?? [:]),
        "annotations": [
          "meta.helm.sh/release-name": .string(release), "meta.helm.sh/release-namespace": .string(home),
        ], "finalizers": ["actions.github.com/cleanup-protection"],
      ]
    ]
    state.objects["autoscalingrunnersets/\(name)"] = [
      "metadata": [
        "name": .string(name), "namespace": .string(home), "labels": .object(ownLabels),
        "annotations": .object(annotations),
        "finalizers": ["autoscalingrunnerset.actions.github.com/finalizer"],
      ],
      "spec": [
        "runnerScaleSetLabels": values["scaleSetLabels"] ?? [], "githubConfigUrl": values["githubConfigUrl"] ?? "",
        "githubConfigSecret": .string(String(secret.dropFirst("secrets/".count))),
        "minRunners": values["minRunners"] ?? 0, "maxRunners": values["maxRunners"] ?? 5,
        "runnerGroup": values["runnerGroup"] ?? .null, "template": values["template"] ?? [:],
      ],
      "status": ["phase": "Running"],
    ]
    guard isRegistered else { return }
    state.objects["autoscalinglisteners/\(name)-listener"] = [
      "metadata": ["name": .string("\(name)-listener"), "namespace": "arc-systems", "labels": labels],
      "spec": ["githubConfigUrl": values["githubConfigUrl"] ?? ""],
    ]
    state.objects["pods/\(name)-listener"] = [
      "metadata": [
        "name": .string("\(name)-listener"), "namespace": "arc-systems",
        "labels": [
          "app.kubernetes.io/component": "runner-scale-set-listener",
          "actions.github.com/scale-set-name": .string(name),
          "actions.github.com/scale-set-namespace": .string(home),
        ],
      ],
      "status": ["phase": "Running", "containerStatuses": [["name": "listener", "state": ["running": [:]]]]],
    ]
    state.objects["ephemeralrunners/\(name)-runner"] = [
      "metadata": [
        "name": .string("\(name)-runner"), "namespace": .string(home), "labels": labels,
        "finalizers": ["ephemeralrunner.actions.github.com/finalizer"],
      ],
      "status": state.busy.contains(name)
        ? ["phase": "Running", "ready": true, "jobId": "job-1", "jobDisplayName": "build"]
        : ["phase": "Running", "ready": .bool(!state.runnersNeverReady)],
    ]
    guard state.busy.contains(name) else { return }
    state.objects["pods/\(name)-runner"] = [
      "metadata": ["name": .string("\(name)-runner"), "namespace": .string(home), "labels": labels],
      "status": ["phase": "Running", "containerStatuses": [["name": "runner", "state": ["running": [:]]]]],
    ]
  }

  /// The controller's reaction to an uninstalled scale set: everything is deleted at once, unless a runner is busy.
  static func takeAway(_ name: String, _ state: inout State) {
    for kind in ["autoscalinglisteners/\(name)-listener", "pods/\(name)-listener"] { state.objects[kind] = nil }
    if state.busy.contains(name) || !hasController(state) {
      for key in ["autoscalingrunnersets/\(name)", "ephemeralrunners/\(name)-runner"] {
        guard case .object(var object)? = state.objects[key], case .object(var metadata)? = object["metadata"] else {
          continue
        }
        metadata["deletionTimestamp"] = "2026-11-24T00:00:00Z"
        object["metadata"] = .object(metadata)
        state.objects[key] = .object(object)
      }
    } else {
      state.objects["autoscalingrunnersets/\(name)"] = nil
      state.objects["ephemeralrunners/\(name)-runner"] = nil
      state.objects["pods/\(name)-runner"] = nil
    }
  }
}
