import Engine

/// The simulated kind.
struct DemoKind {
  let call: DemoCall

  func run() throws {
    let words = call.arguments.words
    if words.first == "version" || call.arguments.has("--version") {
      return call.say("kind v0.32.0 go1.27.3 linux/amd64\n")
    }
    do {
      try DemoDocker.checkEngine(call.faults)
    } catch let error as DemoError {
      throw DemoError(
        "ERROR: failed to \(words.first == "create" ? "create cluster: failed to get docker info" : "list clusters"): "
          + "command \"docker ps -a\" failed with error: exit status 1\n\nCommand Output: \(error.text)")
    }
    let name = call.arguments.value("--name", "-n") ?? "kind"
    switch (words.first, words.dropFirst().first) {
    case ("get", "clusters"):
      let state = call.store.load()
      if state.node == nil {
        call.complain("No kind clusters found.")
      } else {
        call.say("\(state.cluster)\n")
      }
    case ("get", "nodes"):
      let state = call.store.load()
      if state.node != nil, state.cluster == name { call.say("\(name)-control-plane\n") }
    case ("create", "cluster"): try create(name)
    case ("delete", "cluster"): try delete(name)
    case ("export", "kubeconfig"):
      guard call.store.load().node != nil else { throw DemoError("ERROR: unknown cluster \"\(name)\"") }
      try call.store.update { state in
        if !state.contexts.contains("kind-\(name)") { state.contexts.append("kind-\(name)") }
        state.currentContext = "kind-\(name)"
      }
      call.complain("Set kubectl context to \"kind-\(name)\"")
    default: throw DemoError("ERROR: unknown command \"\(words.joined(separator: " "))\" for \"kind\"")
    }
  }

  private func create(_ name: String) throws {
    guard call.store.load().node == nil else {
      throw DemoError("ERROR: failed to create cluster: node(s) already exist for a cluster with the name \"\(name)\"")
    }
    let configuration = call.arguments.value("--config") == "-" ? try? JSONValue(parsing: call.input()) : nil
    let mounts = (configuration?["nodes"]?[0]?["extraMounts"]?.arrayValue ?? []).map {
      [$0["hostPath"]?.stringValue ?? "", $0["containerPath"]?.stringValue ?? ""]
    }
    call.complain("Creating cluster \"\(name)\" ...")
    let steps: [(String, Double)] = [
      ("Ensuring node image (kindest/node:v1.36.1) 🖼", 1.5), ("Preparing nodes 📦", 1), ("Writing configuration 📜", 0.3),
      ("Starting control-plane 🕹️", 2), ("Installing CNI 🔌", 0.5), ("Installing StorageClass 💾", 0.3),
      ("Waiting ≤ 3m0s for control-plane = Ready ⏳", 1),
    ]
    for (index, step) in steps.enumerated() {
      call.take(step.1)
      if call.faults.kindFails, index == 3 {
        call.complain(" ✗ \(step.0)")
        call.complain("Deleted nodes: [\"\(name)-control-plane\"]")
        throw DemoError(
          "ERROR: failed to create cluster: failed to init node with kubeadm: command \"docker exec --privileged "
            + "\(name)-control-plane kubeadm init\" failed with error: exit status 1")
      }
      call.complain(" ✓ \(step.0)")
    }
    try call.store.update { state in
      let now = DemoClock(state: state, wall: DemoStore.wallClock()).now
      state.cluster = name
      state.node = .init(createdAt: now, startedAt: now, mounts: mounts)
      state.releases = [:]
      state.leaving = [:]
      state.kept = [:]
      state.deletedPods = [:]
      (state.definitions, state.endingRunners) = (nil, nil)
      if !state.contexts.contains("kind-\(name)") { state.contexts.append("kind-\(name)") }
      state.currentContext = "kind-\(name)"
    }
    call.complain("Set kubectl context to \"kind-\(name)\"")
  }

  private func delete(_ name: String) throws {
    call.complain("Deleting cluster \"\(name)\" ...")
    guard call.store.load().node != nil, call.store.load().cluster == name else { return }
    call.take(1)
    try call.store.update { state in
      state.node = nil
      // A cluster that is created again is complete.
      if state.trouble == FindingRule.clusterHalfCreated.rawValue { state.trouble = nil }
      state.releases = [:]
      state.leaving = [:]
      state.kept = [:]
      state.deletedPods = [:]
      (state.definitions, state.endingRunners) = (nil, nil)
      state.contexts.removeAll { $0 == "kind-\(name)" }
      if state.currentContext == "kind-\(name)" { state.currentContext = nil }
    }
    call.complain("Deleted nodes: [\"\(name)-control-plane\"]")
  }
}
