import Engine

/// The simulated kubectl.
struct DemoKubectl {
  let call: DemoCall

  private var arguments: DemoArguments { call.arguments }

  func run() throws {
    let words = arguments.words
    switch words.first {
    case "config": return try configure(Array(words.dropFirst()))
    case "version": return try version()
    case "proxy": return try proxy()
    default: break
    }
    try checkCluster(context: arguments.value("--context"))
    switch words.first {
    case "get":
      if let path = arguments.value("--raw") {
        try DemoAPI(call: call).answer(path)
      } else {
        try get(words)
      }
    case "logs": try logs(words)
    case "apply": try apply()
    case "delete": try delete(words)
    case "patch": try patch(words)
    case "exec": try DemoShell(call: call).run(pod: words.dropFirst().first ?? "")
    default:
      throw DemoError("error: unknown command \"\(words.first ?? "")\" for \"kubectl\"")
    }
  }

  // MARK: The client

  private func configure(_ words: [String]) throws {
    let state = call.store.load()
    switch words.first {
    case "current-context":
      guard let current = state.currentContext else { throw DemoError("error: current-context is not set") }
      call.say(current + "\n")
    case "get-contexts":
      let further = DemoFurtherClusters.contexts(state: call.environment["DESKRUN_DEMO_STATE"] ?? "")
      call.say((state.contexts + further).map { $0 + "\n" }.joined())
    case "use-context":
      let name = words.dropFirst().first ?? ""
      guard state.contexts.contains(name) else {
        throw DemoError("error: no context exists with the name: \"\(name)\"")
      }
      try call.store.update { $0.currentContext = name }
      call.say("Switched to context \"\(name)\".\n")
    case "unset":
      try call.store.update { $0.currentContext = nil }
      call.say("Property \"current-context\" unset.\n")
    default: throw DemoError("error: unknown command \"config \(words.first ?? "")\"")
    }
  }

  private static let clientVersion: JSONValue = [
    "major": "1", "minor": "36", "gitVersion": "v1.36.1", "platform": "linux/amd64",
  ]

  private func version() throws {
    if arguments.has("--client") {
      return call.say(
        JSONValue.object(["clientVersion": Self.clientVersion, "kustomizeVersion": "v5.7.0"]).encoded(pretty: true))
    }
    try checkCluster(context: arguments.value("--context"))
    call.say(
      JSONValue.object(["clientVersion": Self.clientVersion, "serverVersion": Self.clientVersion]).encoded(pretty: true)
    )
  }

  private func proxy() throws {
    guard let socket = arguments.value("--unix-socket") else {
      throw DemoError("error: the demo's kubectl serves at a unix socket alone")
    }
    let name = arguments.value("--context") ?? ""
    guard call.store.load().contexts.contains(name) else {
      throw DemoError("error: context \"\(name)\" does not exist")
    }
    try DemoProxy(call: call, context: name).serve(at: socket)
  }

  /// Checks that the API responds; otherwise throws with the real kubectl's message.
  func checkCluster(context: String?) throws {
    let state = call.state()
    let name = context ?? state.currentContext ?? ""
    guard state.contexts.contains(name) else { throw DemoError("error: context \"\(name)\" does not exist") }
    guard state.isReached, call.faults.api != "refused" else {
      throw DemoError(
        "The connection to the server \(DemoFurtherClusters.server(of: name)) was refused - "
          + "did you specify the right host or port?")
    }
    switch call.faults.api {
    case "hang": DemoTime.sleep(3600)
    case "500": throw DemoError("Error from server (InternalError): an error on the server has prevented the request")
    default: break
    }
  }

  // MARK: Objects

  /// A kind's plural: accepts `pod`, `pods`, `po` and `ephemeralrunners.actions.github.com`.
  static func plural(_ word: String) throws -> String {
    let name = (word.split(separator: ".").first.map(String.init) ?? word).lowercased()
    let known = [
      "pods", "secrets", "configmaps", "events", "nodes", "namespaces", "deployments", "ephemeralrunners",
      "ephemeralrunnersets", "autoscalingrunnersets", "autoscalinglisteners", "roles", "rolebindings",
      "serviceaccounts", "customresourcedefinitions", "storageclasses", "resourcequotas", "limitranges",
      "persistentvolumeclaims",
    ]
    let short = [
      "po": "pods", "cm": "configmaps", "no": "nodes", "ns": "namespaces", "sa": "serviceaccounts",
      "sc": "storageclasses", "pvc": "persistentvolumeclaims",
    ]
    if let found = known.first(where: { $0 == name || $0 == name + "s" }) ?? short[name] { return found }
    throw DemoError("error: the server doesn't have a resource type \"\(word)\"")
  }

  private func get(_ words: [String]) throws {
    let plural = try Self.plural(words.dropFirst().first ?? "")
    let world = call.world()
    var objects = world.objects(plural)
    if let selector = arguments.value("-l", "--selector") {
      objects = objects.filter { DemoSelector(selector).matches($0) }
    }
    if let namespace = arguments.value("-n", "--namespace") {
      objects = objects.filter { $0["metadata"]?["namespace"].map { $0 == .string(namespace) } ?? true }
    }
    let output = arguments.value("-o", "--output")
    if let name = words.dropFirst(2).first {
      guard let object = objects.first(where: { $0["metadata"]?["name"]?.stringValue == name }) else {
        if arguments.has("--ignore-not-found") { return }
        throw DemoError("Error from server (NotFound): \(plural) \"\(name)\" not found")
      }
      return call.say(
        output == "json" ? object.encoded(pretty: true) : output == "name" ? "\(plural)/\(name)\n" : table([object]))
    }
    switch output {
    case "json":
      call.say(
        JSONValue.object([
          "apiVersion": "v1", "items": .array(objects), "kind": "List", "metadata": ["resourceVersion": ""],
        ]).encoded(pretty: true))
    case "name":
      call.say(objects.map { "\(plural)/\($0["metadata"]?["name"]?.stringValue ?? "")\n" }.joined())
    default:
      if objects.isEmpty { return call.complain("No resources found in \(ClusterTarget.namespace) namespace.") }
      call.say(table(objects))
    }
  }

  private func table(_ objects: [JSONValue]) -> String {
    let rows =
      [["NAME", "STATUS"]]
      + objects.map { [$0["metadata"]?["name"]?.stringValue ?? "", $0["status"]?["phase"]?.stringValue ?? ""] }
    let width = rows.map { $0[0].count }.max() ?? 0
    return rows.map { $0[0] + String(repeating: " ", count: width - $0[0].count + 3) + $0[1] + "\n" }.joined()
  }

  private func logs(_ words: [String]) throws {
    let request = DemoLogRequest(
      pod: words.dropFirst().first ?? "", container: arguments.value("-c", "--container") ?? "runner",
      follows: arguments.has("-f", "--follow"), hasTimestamps: arguments.has("--timestamps"),
      tail: arguments.value("--tail").flatMap(Int.init), since: nil)
    try request.write(call)
  }

  private func apply() throws {
    guard let document = try? JSONValue(parsing: call.input()) else {
      throw DemoError("error: error parsing STDIN: the demo's kubectl reads JSON alone")
    }
    for object in document["items"]?.arrayValue ?? [document] {
      let kind = object["kind"]?.stringValue ?? ""
      let name = object["metadata"]?["name"]?.stringValue ?? ""
      if kind == "Secret" || kind == "ConfigMap" { try keep(object, kind: kind, name: name) }
      if kind == "CustomResourceDefinition", let version = DemoDefinitions.version(of: object) {
        try call.store.update { $0.definitions = version }
      }
      call.say("\(kind.lowercased())/\(name) serverside-applied\n")
    }
  }

  private func keep(_ object: JSONValue, kind: String, name: String) throws {
    var data: [String: String] = [:]
    var isGood = true
    for (key, value) in object["data"]?.objectValue?.members ?? [] {
      let text = value.stringValue ?? ""
      guard kind == "Secret" else {
        data[key] = text
        continue
      }
      let secret = Base64.decode(text).map { String(decoding: $0, as: UTF8.self) } ?? ""
      if key == "github_token" { isGood = !["bad", "ghp_bad", "expired"].contains { secret.hasPrefix($0) } }
      // The value is not stored, only enough to tell it from others. The demo's own token is not a secret.
      data[key] =
        secret == DemoCluster.token ? text : Base64.encode("demo:\(DemoRandomID.of(secret, 0x5EC2E7))".utf8)
    }
    let labels = Dictionary(
      (object["metadata"]?["labels"]?.objectValue?.members ?? []).map { ($0.key, $0.value.stringValue ?? "") },
      uniquingKeysWith: { $1 })
    try call.store.update { state in
      let now = DemoClock(state: state, wall: DemoStore.wallClock()).now
      let key = "\(kind.lowercased())s/\(name)"
      let old = state.kept[key]
      let changedAt =
        old?.data == data ? old?.changedAt ?? now : old?.isGood == true && isGood ? old?.changedAt ?? now : now
      let home = object["metadata"]?["namespace"]?.stringValue
      state.kept[key] = .init(
        kind: kind, labels: labels, data: data, isGood: isGood, changedAt: changedAt,
        namespace: home == ClusterTarget.namespace ? nil : home)
    }
  }

  private func delete(_ words: [String]) throws {
    let plural = try Self.plural(words.dropFirst().first ?? "")
    for name in words.dropFirst(2) {
      let world = call.world()
      guard world.objects(plural).contains(where: { $0["metadata"]?["name"]?.stringValue == name }) else {
        if arguments.has("--ignore-not-found") { continue }
        throw DemoError("Error from server (NotFound): \(plural) \"\(name)\" not found")
      }
      try call.store.update { state in
        switch plural {
        case "ephemeralrunners" where !world.isFrom015 && world.hasJob(name):
          state.endingRunners = (state.endingRunners ?? [:]).merging([name: world.now]) { $1 }
        case "pods", "ephemeralrunners": state.deletedPods[name] = world.now
        case "secrets", "configmaps": state.kept["\(plural)/\(name)"] = nil
        case "autoscalinglisteners":
          for set in world.scaleSets where set.listenerName == name {
            state.listenersSince[set.name] = world.now
            DemoTrouble.end(in: &state, by: .deletedListener(set.name))
          }
        case "autoscalingrunnersets":
          if let release = state.releases.removeValue(forKey: name) {
            state.leaving[name] = .init(release: release, at: world.now)
          }
        default: break
        }
      }
      call.say("\(plural.dropLast()) \"\(name)\" deleted\n")
    }
  }

  /// The patch from the arguments or a file; the only supported file is standard input.
  private func patchText() -> [UInt8] {
    if arguments.value("--patch-file") == "/dev/stdin" { return call.input() }
    return Array((arguments.value("-p", "--patch") ?? "").utf8)
  }

  private func patch(_ words: [String]) throws {
    guard words.count >= 3, let patch = try? JSONValue(parsing: patchText()) else {
      throw DemoError("error: must specify --patch or --patch-file containing the contents of the patch")
    }
    let plural = try Self.plural(words[1])
    guard call.world().objects(plural).contains(where: { $0["metadata"]?["name"]?.stringValue == words[2] }) else {
      throw DemoError("Error from server (NotFound): \(plural) \"\(words[2])\" not found")
    }
    if patch["metadata"]?["finalizers"] == .null {
      try call.store.update { state in
        if plural == "autoscalingrunnersets" { state.leaving[words[2]] = nil }
        if plural == "ephemeralrunners" {
          state.deletedPods[words[2]] = DemoClock(state: state, wall: DemoStore.wallClock()).now
        }
      }
    }
    call.say("\(plural)/\(words[2]) patched\n")
  }
}

/// `key=value,key`: a key with a value, or with any value.
struct DemoSelector {
  private var terms: [(key: String, value: String?)]

  init(_ text: String) {
    terms = text.split(separator: ",").compactMap { term in
      let sides = term.split(separator: "=", omittingEmptySubsequences: true).map(String.init)
      return sides.first.map { ($0, sides.count > 1 ? sides[1] : nil) }
    }
  }

  func matches(_ object: JSONValue) -> Bool {
    let labels = object["metadata"]?["labels"]
    return terms.allSatisfy { term in
      guard let label = labels?[term.key]?.stringValue else { return false }
      return term.value.map { $0 == label } ?? true
    }
  }
}

extension DemoState {
  /// Whether the API of the kind cluster answers.
  var isReached: Bool { node?.status == "running" && trouble != FindingRule.clusterUnreachable.rawValue }
}
