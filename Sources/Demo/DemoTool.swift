import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Runs this program as one of the simulated tools.
///
/// - Parameters:
///   - name: `kubectl`, `helm`, `kind` or `docker`.
///   - arguments: the arguments after the name.
///   - environment: contains `DESKRUN_DEMO_STATE`, the folder of the demo's state.
/// - Returns: the exit status.
package func demoToolMain(name: String, arguments: [String], environment: [String: String]) -> Int32 {
  demoToolMain(name: name, arguments: arguments, environment: environment, streams: .ofProcess)
}

/// Runs a simulated tool with streams other than the process's.
func demoToolMain(
  name: String, arguments: [String], environment: [String: String], streams: DemoStreams,
  wall: @escaping () -> Double = DemoStore.wallClock
) -> Int32 {
  guard let folder = environment["DESKRUN_DEMO_STATE"] else {
    streams.complain("deskrun: \(name) of the demo was started without DESKRUN_DEMO_STATE")
    return 1
  }
  let read = DemoArguments(arguments)
  // Local programs such as docker are called without a context: they only use the kind cluster.
  let context = read.value("--context", "--kube-context")
  let store = DemoFurtherClusters.store(of: context, state: folder) ?? DemoStore(folder: folder)
  let call = DemoCall(
    name: name, arguments: read, environment: environment, store: store,
    faults: DemoFaults(environment: environment, folder: store.folder), wall: wall, streams: streams)
  do {
    // For a proxy, each request counts, not its start.
    let isProxy = name == "kubectl" && arguments.first == "proxy"
    if !isProxy, let seconds = call.faults.slowness { DemoTime.sleep(seconds) }
    if !isProxy, call.faults.failsNow() { throw DemoError("Error: a failure that was asked for (DEMO_FAIL)") }
    switch name {
    case "kubectl": try DemoKubectl(call: call).run()
    case "helm": try DemoHelm(call: call).run()
    case "kind": try DemoKind(call: call).run()
    default: try DemoDocker(call: call).run()
    }
    return 0
  } catch let error as DemoError {
    streams.complain(error.text)
    return error.status
  } catch let error as EngineError {
    streams.complain(error.description)
    return 1
  } catch {
    streams.complain("Error: \(error)")
    return 1
  }
}

/// A call of a simulated tool.
struct DemoCall {
  var name: String
  var arguments: DemoArguments
  var environment: [String: String]
  var store: DemoStore
  var faults: DemoFaults
  /// The cache for the current state, for processes that handle many calls.
  var cache: DemoCache?
  /// The current time, in seconds since 1970.
  var wall: () -> Double = DemoStore.wallClock
  /// Its standard streams.
  var streams = DemoStreams.ofProcess
  private let reading = Reading()

  /// The state as it was last read, and what tells whether that is still so: a call asks for it several times. Belongs to
  /// the thread of the call.
  private final class Reading {
    var last: (stamp: FileStamp, state: DemoState)?
  }

  /// The state of the cluster.
  func state() -> DemoState {
    if let cache { return cache.state }
    let stamp = store.stamp
    if let last = reading.last, last.stamp == stamp { return last.state }
    let state = store.load()
    reading.last = (stamp, state)
    return state
  }

  /// The cluster at this moment.
  func world() -> DemoWorld { DemoWorld(state: state(), wall: wall(), cache: cache) }

  /// Waits for a duration in demo time.
  func take(_ seconds: Double) { DemoTime.sleep(seconds / max(0.01, state().speed)) }
}

/// The error message of a simulated tool, and its exit status.
struct DemoError: Error {
  var text: String
  var status: Int32

  init(_ text: String, status: Int32 = 1) {
    self.text = text
    self.status = status
  }
}

/// Arguments split into words and options, like in the real tools.
struct DemoArguments {
  private(set) var words: [String] = []
  private var options: [String: [String]] = [:]

  /// Options with a value in the next argument.
  private static let valued: Set<String> = [
    "--context", "--kubeconfig", "--kube-context", "-n", "--namespace", "-o", "--output", "-l", "--selector", "-f",
    "--filename", "--values", "--version", "--timeout", "--template", "--raw", "-c", "--container", "-p", "--patch",
    "--type", "--name", "--config", "--wait", "--format", "--filter", "--max", "--image", "--field-selector", "--tail",
    "--since", "--field-manager", "--history-max", "--set",
  ]

  init(_ arguments: [String]) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        words += rest
        return
      }
      guard argument.hasPrefix("-"), argument.count > 1 else {
        words.append(argument)
        continue
      }
      if let equals = argument.firstIndex(of: "=") {
        options[String(argument[..<equals]), default: []].append(String(argument[argument.index(after: equals)...]))
      } else if Self.valued.contains(argument), let next = rest.first, !(next.hasPrefix("-") && next.count > 1) {
        options[argument, default: []].append(rest.removeFirst())
      } else {
        options[argument, default: []].append("true")
      }
    }
  }

  /// The last value of an option, under any of its names.
  func value(_ names: String...) -> String? { names.lazy.compactMap { options[$0]?.last }.first }
  /// All values of an option.
  func values(_ names: String...) -> [String] { names.flatMap { options[$0] ?? [] } }
  /// Whether a flag is set.
  func has(_ names: String...) -> Bool { names.contains { options[$0].map { $0.last != "false" } ?? false } }
}

/// The faults to simulate: from the environment, or from lines `NAME=value` in the file `faults` in the state's folder.
struct DemoFaults {
  private var values: [String: String]
  private let folder: String

  init(environment: [String: String], folder: String) {
    values = environment.filter { $0.key.hasPrefix("DEMO_") }
    self.folder = folder
    if let bytes = try? FileIO.read(folder + "/faults") {
      for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
        let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
        if parts.count == 2 { values[parts[0]] = parts[1] }
      }
    }
  }

  var slowness: Double? { values["DEMO_SLOW"].flatMap(Double.init) }
  var docker: String? { values["DEMO_DOCKER"] }
  var registryIsAway: Bool { values["DEMO_HELM_NONET"] != nil }
  var kindFails: Bool { values["DEMO_KIND_FAIL"] != nil }
  var api: String? { values["DEMO_API"] }

  /// Counts the calls, and returns whether this one is to fail (`DEMO_FAIL=N`).
  func failsNow() -> Bool {
    guard let number = values["DEMO_FAIL"].flatMap(Int.init) else { return false }
    let descriptor = open(folder + "/calls", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard write(descriptor, ".", 1) == 1 else { return false }
    return lseek(descriptor, 0, SEEK_CUR) == off_t(number)
  }
}
