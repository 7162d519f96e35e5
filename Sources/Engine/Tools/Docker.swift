import Basics

/// Whether the container engine responds.
package struct DockerState: Sendable, Equatable {
  /// The engine's version, if it responds.
  package var version: String?
  /// Why it does not respond, if it does not.
  package var problem: EngineError?

  package init(version: String?, problem: EngineError?) {
    self.version = version
    self.problem = problem
  }
}

/// A container that is a node of a kind cluster.
package struct NodeState: Sendable, Equatable {
  /// The status of the container.
  package enum Status: Sendable, Equatable {
    /// Running.
    case running
    /// Its processes are frozen.
    case paused
    /// Created, but not running.
    case stopped
  }

  /// A host directory mounted into it.
  package struct Mount: Sendable, Equatable {
    /// The path on the host.
    package var source: String
    /// The path in the node.
    package var destination: String
  }

  package var status: Status
  package var image: String
  package var mounts: [Mount]
  /// When it was last started, in seconds since 1970; nil if the engine does not report the time in UTC.
  package var startedAt: Int64?

  /// Reads an element of `docker inspect`.
  package init(_ inspection: JSONValue) {
    let state = inspection["State"]
    switch state?["Status"]?.stringValue {
    case "paused": status = .paused
    case "running", "restarting": status = .running
    case nil: status = state?["Running"]?.boolValue == true ? .running : .stopped
    default: status = .stopped
    }
    image = inspection["Config"]?["Image"]?.stringValue ?? ""
    startedAt = state?["StartedAt"]?.stringValue.flatMap { Timestamp.parse($0) }
    mounts = (inspection["Mounts"]?.arrayValue ?? []).compactMap { mount in
      guard let destination = mount["Destination"]?.stringValue else { return nil }
      return Mount(source: mount["Source"]?.stringValue ?? "", destination: destination)
    }
  }

  /// Whether it is running and was started less than this long ago.
  ///
  /// - Parameter now: seconds since 1970.
  package func isStarted(within limit: Duration, now: Int64 = SystemTime.secondsSince1970()) -> Bool {
    guard status == .running, let startedAt else { return false }
    return now - startedAt < limit.components.seconds
  }
}

/// The client of the container engine: docker, or podman or nerdctl if kind is configured to use them.
package struct Docker: Sendable {
  package let program: Program

  /// The client's own version, without asking an engine.
  package func clientVersion() async throws -> ToolVersion {
    ToolVersion(text: try await program.run(["--version"], timeout: .seconds(20)).outputText.replacing(",", with: " "))
  }

  /// Whether the engine responds.
  ///
  /// - Throws: only `CancellationError`.
  package func state() async throws -> DockerState {
    let arguments = ["info", "--format", "{{json .}}"]
    let result = try await program.attempt(arguments, timeout: .seconds(30))
    guard result.exit.isSuccess else { return DockerState(version: nil, problem: program.failure(arguments, result)) }
    let answer: JSONValue
    do {
      answer = try program.decode(result.output, of: arguments)
    } catch {
      return DockerState(version: nil, problem: error)
    }
    // docker and nerdctl return ServerVersion; podman nests it.
    let version = answer["ServerVersion"]?.stringValue ?? answer["version"]?["Version"]?.stringValue
    return DockerState(version: version, problem: nil)
  }

  /// A container by name, or nil if it does not exist.
  package func node(container: String) async throws -> NodeState? {
    let arguments = ["inspect", "--type", "container", container]
    let result = try await program.attempt(arguments, timeout: .seconds(30))
    guard result.exit.isSuccess else {
      let failure = program.failure(arguments, result)
      // An empty list is a valid result, whatever the exit status and message.
      if failure.kind == .notFound || result.outputText.filter({ !$0.isWhitespace }) == "[]" { return nil }
      throw failure
    }
    return try program.decode(result.output, of: arguments)[0].map(NodeState.init)
  }

  /// Starts an existing container.
  package func start(container: String) async throws {
    _ = try await program.run(["start", container], timeout: .seconds(90), tellsLines: true)
  }

  /// Resumes a paused container.
  package func unpause(container: String) async throws {
    _ = try await program.run(["unpause", container], timeout: .seconds(60), tellsLines: true)
  }

  /// Stops a container.
  package func stop(container: String) async throws {
    _ = try await program.run(["stop", container], timeout: .seconds(90), tellsLines: true)
  }

  /// Whether a running container has a file; nil if that cannot be determined.
  package func hasFile(_ path: String, in container: String) async throws -> Bool? {
    let result = try await program.attempt(["exec", container, "test", "-e", path], timeout: .seconds(20))
    if result.exit.isSuccess { return true }
    // `test` prints nothing; the engine prints why it could not run it.
    let isSilent = (result.errorText + result.outputText).allSatisfy(\.isWhitespace)
    return result.exit == .code(1) && isSilent ? false : nil
  }

  /// Deletes a directory inside a running container: the user cannot delete files on the host that jobs wrote as root.
  package func deleteDirectory(_ path: String, in container: String) async throws {
    _ = try await program.run(["exec", container, "rm", "-rf", "--", path], timeout: .seconds(600), tellsLines: true)
  }
}
