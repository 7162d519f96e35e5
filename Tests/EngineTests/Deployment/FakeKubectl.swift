import Foundation

@testable import ARC
@testable import Basics
@testable import Deployment
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools

extension FakeCluster {
  static func kubectl(_ arguments: [String], _ input: String, _ state: inout State) -> ToolResult {
    let words = words(
      arguments,
      valued: [
        "--context", "--kubeconfig", "-n", "--namespace", "-o", "--output", "--request-timeout", "-l", "--selector",
        "-f",
        "--field-manager", "-p", "--patch", "--type", "--raw", "-c", "--container", "--tail", "--timeout", "--since",
      ])
    let context = option(["--context"], arguments)
    switch words.prefix(2) {
    case ["config", "current-context"]:
      return state.currentContext.map { ok($0 + "\n") } ?? fail("error: current-context is not set")
    case ["config", "get-contexts"]: return ok(state.contexts.sorted().joined(separator: "\n") + "\n")
    case ["config", "use-context"]:
      state.currentContext = words[2]
      return ok()
    case ["config", "unset"]:
      state.currentContext = nil
      return ok()
    default: break
    }
    if words.first == "version", arguments.contains(where: { $0.hasPrefix("--client") }) {
      return ok(["clientVersion": ["gitVersion": "v1.32.4", "major": "1", "minor": "32"]])
    }
    guard let context, state.contexts.contains(context) else {
      return fail("error: context \"\(context ?? "")\" does not exist")
    }
    guard state.node == "running" else {
      return fail("The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?")
    }
    if state.hasNoAdminConfiguration { return fail("Unable to connect to the server: EOF") }
    if !state.apiRefusals.isEmpty { return fail(state.apiRefusals.removeFirst()) }
    switch words.first {
    case "version":
      return ok([
        "clientVersion": ["gitVersion": "v1.32.4", "major": "1", "minor": "32"],
        "serverVersion": ["gitVersion": "v1.36.1", "major": "1", "minor": "36"],
      ])
    case "get":
      if let path = option(["--raw"], arguments) { return raw(path, &state) }
      return get(words, arguments, state)
    case "apply": return apply(input, &state)
    case "delete": return delete(words, &state)
    case "patch": return patch(words, arguments, input, &state)
    case "logs": return logs(words[1], state)
    default: return fail("error: unknown command \"\(words.first ?? "")\"")
    }
  }

  private static let refusalLog = """
    2026-11-24T00:00:35Z\tERROR\tAutoscalingRunnerSet\tFailed to initialize Actions service client for creating a new \
    runner scale set\t{"version": "0.14.2", "autoscalingrunnerset": {"name": "web-ci", "namespace": "arc-systems"}, \
    "error": "failed to get runner registration token (401 Unauthorized): Bad credentials"}

    """

  private static func kind(_ word: String) -> String { String(word.split(separator: ".").first ?? "") }

  private static func logs(_ pod: String, _ state: State) -> ToolResult {
    guard pod.hasSuffix("-listener") else { return ok(state.refusesToken ? refusalLog : "") }
    if let words = state.listenersEnd { return ok(words + "\n") }
    if state.listenersAreMute { return ok() }
    return ok("time=2026-11-24T00:00:01.000Z level=INFO msg=\"Getting next message\" lastMessageID=0\n")
  }

  private static func raw(_ path: String, _ state: inout State) -> ToolResult {
    let parts = path.split(separator: "?", maxSplits: 1)
    if parts[0].hasSuffix("/readyz") { return ok("ok") }
    if parts[0].hasSuffix("/version") { return ok(["gitVersion": "v1.36.1", "major": "1", "minor": "36"]) }
    if parts[0] == "/api/v1/namespaces/kube-system" {
      guard let uid = state.uid else { return fail("Error from server (Forbidden): namespaces is forbidden") }
      return ok(["kind": "Namespace", "metadata": ["name": "kube-system", "uid": .string(uid)]])
    }
    if parts[0].hasSuffix("/storageclasses") {
      if state.forbidden > 0 {
        state.forbidden -= 1
        return fail(
          "Error from server (Forbidden): storageclasses.storage.k8s.io is forbidden: User \"kubernetes-admin\"")
      }
      return ok([
        "kind": "StorageClassList",
        "items": state.hasNoStorageClass
          ? []
          : [
            [
              "metadata": [
                "name": "standard", "annotations": ["storageclass.kubernetes.io/is-default-class": "true"],
              ], "provisioner": "rancher.io/local-path",
            ]
          ],
      ])
    }
    let plural = String(parts[0].split(separator: "/").last ?? "")
    var wanted: [(label: String, values: [String])] = []
    if parts.count > 1 {
      for pair in parts[1].split(separator: "&") where pair.hasPrefix("labelSelector=") {
        let text = pair.dropFirst("labelSelector=".count)
        if let list = text.range(of: "%20in%20%28") {
          let values = text[list.upperBound...].dropLast("%29".count).components(separatedBy: "%2C")
          wanted.append((unescape(String(text[..<list.lowerBound])), values))
          continue
        }
        for term in text.components(separatedBy: "%2C") {
          let sides = term.components(separatedBy: "%3D").map(unescape)
          if sides.count == 2 { wanted.append((sides[0], [sides[1]])) }
        }
      }
    }
    // A listener that exits is replaced by the next read.
    if state.listenersEnd != nil { state.listenersSeen += 1 }
    let (ends, number) = (state.listenersEnd != nil, state.listenersSeen)
    let items = state.objects.filter { $0.key.hasPrefix(plural + "/") }.sorted { $0.key < $1.key }.map { key, object in
      guard ends, key.hasPrefix("pods/"), key.hasSuffix("-listener"), var pod = object.objectValue,
        var metadata = pod["metadata"]?.objectValue
      else { return object }
      metadata["uid"] = .string("\(number)")
      pod["metadata"] = .object(metadata)
      pod["status"] = [
        "phase": "Running", "containerStatuses": [["name": "listener", "state": ["terminated": ["exitCode": 1]]]],
      ]
      return .object(pod)
    }
    .filter { object in
      wanted.allSatisfy { $0.values.contains(object["metadata"]?["labels"]?[$0.label]?.stringValue ?? "") }
    }
    .filter { object in
      guard let at = parts[0].range(of: "/namespaces/") else { return true }
      let namespace = parts[0][at.upperBound...].split(separator: "/").first.map(String.init)
      return object["metadata"]?["namespace"]?.stringValue ?? "arc-systems" == namespace
    }
    return ok(["kind": "List", "metadata": ["resourceVersion": "1"], "items": .array(items)])
  }

  private static func unescape(_ text: String) -> String {
    var result = ""
    var rest = Substring(text)
    while let percent = rest.firstIndex(of: "%") {
      result += rest[..<percent]
      let hex = rest[rest.index(after: percent)...].prefix(2)
      if let code = UInt8(hex, radix: 16) { result.unicodeScalars.append(Unicode.Scalar(code)) }
      rest = rest[percent...].dropFirst(3)
    }
    return result + rest
  }

  private static func get(_ words: [String], _ arguments: [String], _ state: State) -> ToolResult {
    let plural = kind(words[1])
    if words.count > 2 {
      let home = option(["-n", "--namespace"], arguments)
      if let object = state.objects["\(plural)/\(words[2])"],
        home == nil || object["metadata"]?["namespace"]?.stringValue ?? "arc-systems" == home
      {
        return ok(object)
      }
      return arguments.contains { $0.hasPrefix("--ignore-not-found") }
        ? ok() : fail("Error from server (NotFound): not found")
    }
    let items = state.objects.filter { $0.key.hasPrefix(plural + "/") }.sorted { $0.key < $1.key }.map(\.value)
    return ok(["kind": "List", "items": .array(items)])
  }

  private static func apply(_ input: String, _ state: inout State) -> ToolResult {
    guard let document = try? JSONValue(parsing: input) else { return fail("error: error parsing STDIN") }
    for object in document["items"]?.arrayValue ?? [document] {
      if object["kind"] == "CustomResourceDefinition", let name = object["metadata"]?["name"]?.stringValue {
        let key = "\(definitions)/\(name)"
        let labels = state.objects[key]?["metadata"]?["labels"]
        state.objects[key] = object
        if let labels, case .object(var whole) = object {
          whole["metadata"] = ["name": .string(name), "labels": labels]
          state.objects[key] = .object(whole)
        }
        state.definitionsVersion = object["testVersion"]?.stringValue
        continue
      }
      let plural = (object["kind"]?.stringValue ?? "").lowercased() + "s"
      state.objects["\(plural)/\(object["metadata"]?["name"]?.stringValue ?? "")"] = object
    }
    // A controller that was backing off retries with the new credentials.
    for (name, release) in state.releases where name != ARCCharts.controllerRelease {
      bringUp(name, release.values, &state)
    }
    return ok()
  }

  private static func delete(_ words: [String], _ state: inout State) -> ToolResult {
    let plural = kind(words[1])
    for name in words.dropFirst(2) {
      if plural == "autoscalingrunnersets" { takeAway(name, &state) } else { state.objects["\(plural)/\(name)"] = nil }
    }
    if plural == "pods" {
      for name in state.busy where words.contains("\(name)-runner") {
        state.busy.remove(name)
        if state.releases[name] == nil { takeAway(name, &state) }
      }
    }
    if plural == "autoscalinglisteners" {
      for (name, release) in state.releases where name != ARCCharts.controllerRelease {
        bringUp(name, release.values, &state)
      }
    }
    return ok()
  }

  private static func patch(
    _ words: [String], _ arguments: [String], _ input: String, _ state: inout State
  ) -> ToolResult {
    let key = "\(kind(words[1]))/\(words[2])"
    guard case .object(var object)? = state.objects[key], case .object(var metadata)? = object["metadata"],
      option(["--patch-file"], arguments) == "/dev/stdin", let patch = try? JSONValue(parsing: input)
    else { return fail("Error from server (NotFound): not found") }
    if patch["metadata"]?["finalizers"] != nil {
      metadata["finalizers"] = nil
      if metadata["deletionTimestamp"] != nil {
        state.objects[key] = nil
        return ok()
      }
    }
    if let added = patch["metadata"]?["labels"]?.objectValue {
      var labels = metadata["labels"]?.objectValue ?? [:]
      for (name, value) in added.members { labels[name] = value }
      metadata["labels"] = .object(labels)
    }
    object["metadata"] = .object(metadata)
    if let spec = patch["spec"] { object["spec"] = merged(object["spec"], spec) }
    state.objects[key] = .object(object)
    return ok()
  }

  /// JSON merge patch (RFC 7386).
  private static func merged(_ value: JSONValue?, _ patch: JSONValue) -> JSONValue {
    guard let members = patch.objectValue?.members else { return patch }
    var object = value?.objectValue ?? [:]
    for (key, change) in members { object[key] = change == .null ? nil : merged(object[key], change) }
    return .object(object)
  }
}
