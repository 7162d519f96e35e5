import Basics

/// The parts of a pod that must be lists, mappings or strings, so that merging preserves deskrun's values.
enum PodCheck {
  struct Problem {
    var mark: YAMLMark
    var message: String
  }

  private enum Form {
    /// With an example.
    case list(String)
    case mapping(String)
    case text

    func accepts(_ value: YAMLNode.Content) -> Bool {
      switch (self, value) {
      // It removes the existing value.
      case (_, .scalar(.null)): true
      case (.list, .list), (.mapping, .map), (.text, .scalar(.string)): true
      default: false
      }
    }

    var wanted: String {
      switch self {
      case .list(let example): "a list: \(example)"
      case .mapping(let example): "a mapping: \(example)"
      case .text: "a string"
      }
    }
  }

  private static let pod: [String: Form] = [
    "containers": .list("[{name: runner, …}]"),
    "initContainers": .list("[{name: NAME, image: IMAGE}]"),
    "volumes": .list("[{name: NAME, emptyDir: {}}]"),
    "tolerations": .list("[{key: KEY, operator: Exists}]"),
    "imagePullSecrets": .list("[{name: SECRET}]"),
    "topologySpreadConstraints": .list("[{maxSkew: 1, topologyKey: KEY, whenUnsatisfiable: ScheduleAnyway}]"),
    "hostAliases": .list("[{ip: ADDRESS, hostnames: [NAME]}]"),
    "nodeSelector": .mapping("{KEY: VALUE}"),
    "affinity": .mapping("{nodeAffinity: {…}}"),
    "securityContext": .mapping("{fsGroup: 123}"),
    "dnsConfig": .mapping("{nameservers: [ADDRESS]}"),
    "serviceAccountName": .text, "priorityClassName": .text, "runtimeClassName": .text, "schedulerName": .text,
    "dnsPolicy": .text, "restartPolicy": .text,
  ]

  private static let probe = Form.mapping("{exec: {command: [COMMAND]}}")

  private static let container: [String: Form] = [
    "command": .list("[COMMAND]"),
    "args": .list("[ARGUMENT]"),
    "env": .list("[{name: NAME, value: VALUE}]"),
    "envFrom": .list("[{secretRef: {name: SECRET}}]"),
    "volumeMounts": .list("[{name: VOLUME, mountPath: PATH}]"),
    "volumeDevices": .list("[{name: VOLUME, devicePath: PATH}]"),
    "ports": .list("[{containerPort: 8080}]"),
    "resources": .mapping("{limits: {memory: 4Gi}}"),
    "securityContext": .mapping("{runAsUser: 1001}"),
    "lifecycle": .mapping("{preStop: {exec: {command: [COMMAND]}}}"),
    "livenessProbe": probe, "readinessProbe": probe, "startupProbe": probe,
    "image": .text, "imagePullPolicy": .text, "workingDir": .text, "restartPolicy": .text,
  ]

  /// Lists whose items are mappings.
  private static let ofMappings: Set<String> = [
    "containers", "initContainers", "volumes", "tolerations", "imagePullSecrets", "env", "envFrom", "volumeMounts",
  ]

  /// What is rejected in a values file.
  ///
  /// - Parameter isImported: whether the installation determines the mode; an empty `containerMode` is ignored.
  static func problems(_ root: YAMLNode, isImported: Bool) -> [Problem] {
    var found: [Problem] = []
    for key in ["labels", "annotations"] {
      found += check(root, [key: .mapping("{KEY: VALUE}")], "")
    }
    if !isImported { found += empty(root, "containerMode", "", "write {type: …}, or remove the line") }
    found += empty(root, "template", "", "write {spec: {…}}, or remove the line")
    if let template = root["template"] {
      found += empty(template, "spec", "template.", "give its keys, or remove the line")
    }
    for key in ["template", "listenerTemplate"] {
      let metadata = root[key]?["metadata"]
      for part in ["labels", "annotations"] {
        if let metadata { found += check(metadata, [part: .mapping("{KEY: VALUE}")], "\(key).metadata.") }
      }
      guard let spec = root[key]?["spec"] else { continue }
      if spec.members == nil, spec.content != .scalar(.null) {
        found.append(Problem(mark: spec.mark, message: "\(key).spec must be a mapping: {containers: [{name: …}]}"))
      }
      found += check(spec, pod, "\(key).spec.")
      for list in ["containers", "initContainers"] {
        for item in spec[list]?.items ?? [] {
          let name = SafeText.line(item["name"]?.json.stringValue ?? "")
          found += check(item, container, "\(key).spec.\(list)[\(name)].")
        }
      }
    }
    return found
  }

  /// A key without a value, which would remove all of deskrun's values.
  private static func empty(_ node: YAMLNode, _ key: String, _ path: String, _ advice: String) -> [Problem] {
    (node.members ?? []).filter { $0.key == key && $0.value.content == .scalar(.null) }
      .map { Problem(mark: $0.mark, message: "\(path)\(key) is empty: \(advice)") }
  }

  private static func check(_ node: YAMLNode, _ forms: [String: Form], _ path: String) -> [Problem] {
    (node.members ?? []).flatMap { member -> [Problem] in
      guard let form = forms[member.key] else { return [] }
      guard form.accepts(member.value.content) else {
        return [Problem(mark: member.mark, message: "\(path)\(member.key) must be \(form.wanted)")]
      }
      guard ofMappings.contains(member.key) else { return [] }
      return (member.value.items ?? []).filter { $0.members == nil }
        .map { Problem(mark: $0.mark, message: "each item of \(path)\(member.key) must be a mapping: \(form.wanted)") }
    }
  }
}
