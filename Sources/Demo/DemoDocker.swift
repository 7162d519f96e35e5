import Engine

struct DemoDocker {
  let call: DemoCall

  static func checkEngine(_ faults: DemoFaults) throws {
    switch faults.docker {
    case "down":
      throw DemoError(
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
    case "denied":
      throw DemoError(
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
          + "Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.50/info\": dial unix /var/run/docker.sock: connect: permission denied"
      )
    default: break
    }
  }

  func run() throws {
    if call.arguments.has("--version", "-v") { return call.say("Docker version 28.2.2, build e6534b4\n") }
    try Self.checkEngine(call.faults)
    let words = call.arguments.words
    switch words.first {
    case "info": call.say("{\"ID\":\"demo\",\"ServerVersion\":\"28.2.2\",\"NCPU\":8,\"MemTotal\":33554432000}\n")
    case "version": call.say("{\"Client\":{\"Version\":\"28.2.2\"},\"Server\":{\"Version\":\"28.2.2\"}}\n")
    case "inspect": try inspect(words.dropFirst().first ?? "")
    case "start", "unpause": try setStatus("running", words)
    case "stop": try setStatus("exited", words)
    case "pause": try setStatus("paused", words)
    case "exec": _ = try node(words.dropFirst().first ?? "")
    case "ps":
      let state = call.store.load()
      if let node = state.node { call.say("\(state.cluster)-control-plane\t\(node.status)\n") }
    default: throw DemoError("docker: '\(words.first ?? "")' is not a docker command of the demo.")
    }
  }

  private func node(_ name: String) throws -> DemoState.Node {
    let state = call.store.load()
    guard let node = state.node, name == "\(state.cluster)-control-plane" else {
      throw DemoError("Error: No such container: \(name)")
    }
    return node
  }

  private func inspect(_ name: String) throws {
    let node = try node(name)
    let cluster = call.store.load().cluster
    let document: JSONValue = [
      [
        "Id": "d3m0", "Name": .string("/\(name)"), "Created": .string(Timestamp.text(Int64(node.createdAt))),
        "State": [
          "Status": .string(node.status), "Running": .bool(node.status == "running"),
          "Paused": .bool(node.status == "paused"), "Restarting": false, "Dead": false, "Pid": 1, "ExitCode": 0,
        ],
        "Config": [
          "Image": "kindest/node:v1.36.1",
          "Labels": ["io.x-k8s.kind.cluster": .string(cluster), "io.x-k8s.kind.role": "control-plane"],
        ],
        "Mounts": .array(
          node.mounts.map {
            ["Type": "bind", "Source": .string($0[0]), "Destination": .string($0[1]), "Mode": "", "RW": true]
          }),
      ]
    ]
    call.say(document.encoded(pretty: true))
  }

  private func setStatus(_ status: String, _ words: [String]) throws {
    guard let name = words.dropFirst().first else { throw DemoError("docker: a container is missing") }
    _ = try node(name)
    call.take(1)
    try call.store.update { state in
      let now = DemoClock(state: state, wall: DemoStore.wallClock()).now
      if status == "running", state.node?.status == "exited" { state.node?.startedAt = now }
      state.node?.status = status
    }
    call.say("\(name)\n")
  }
}
