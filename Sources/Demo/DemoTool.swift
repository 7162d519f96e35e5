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
///   - arguments: those after the name.
///   - environment: holds `DESKRUN_DEMO_STATE`, the folder of the demo's state.
/// - Returns: the exit status.
package func demoToolMain(name: String, arguments: [String], environment: [String: String]) -> Int32 {
  guard let folder = environment["DESKRUN_DEMO_STATE"] else {
    DemoOutput.complain("deskrun: \(name) of the demo was started without DESKRUN_DEMO_STATE")
    return 1
  }
  let store = DemoStore(folder: folder)
  let call = DemoCall(
    name: name, arguments: DemoArguments(arguments), environment: environment, store: store,
    faults: DemoFaults(environment: environment, folder: folder))
  do {
    // Of a proxy each question counts, not its start.
    let isProxy = name == "kubectl" && arguments.first == "proxy"
    if !isProxy, let seconds = call.faults.slowness { DemoOutput.sleep(seconds) }
    if !isProxy, call.faults.failsNow() { throw DemoError("Error: a failure that was asked for (DEMO_FAIL)") }
    switch name {
    case "kubectl": try DemoKubectl(call: call).run()
    case "helm": try DemoHelm(call: call).run()
    case "kind": try DemoKind(call: call).run()
    default: try DemoDocker(call: call).run()
    }
    return 0
  } catch let error as DemoError {
    DemoOutput.complain(error.text)
    return error.status
  } catch let error as EngineError {
    DemoOutput.complain(error.description)
    return 1
  } catch {
    DemoOutput.complain("Error: \(error)")
    return 1
  }
}

/// What a simulated tool was called with.
struct DemoCall {
  var name: String
  var arguments: DemoArguments
  var environment: [String: String]
  var store: DemoStore
  var faults: DemoFaults
  /// What is known of the state as it is now, for who answers many calls.
  var cache: DemoCache?
  /// The clock on the wall, in seconds since 1970.
  var wall: () -> Double = DemoStore.wallClock

  /// What was done to the cluster.
  func state() -> DemoState { cache?.state ?? store.load() }

  /// The cluster as it is at this moment.
  func world() -> DemoWorld { DemoWorld(state: state(), wall: wall(), cache: cache) }

  /// Waits for as long as something takes in the demo's world.
  func take(_ seconds: Double) { DemoOutput.sleep(seconds / max(0.01, store.load().speed)) }
}

/// What a simulated tool says when it fails, and its exit status.
struct DemoError: Error {
  var text: String
  var status: Int32

  init(_ text: String, status: Int32 = 1) {
    self.text = text
    self.status = status
  }
}

/// Arguments split into words and options, as the real tools read them.
struct DemoArguments {
  private(set) var words: [String] = []
  private var options: [String: [String]] = [:]

  /// Options that take the next argument as their value.
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
  /// Whether a switch is on.
  func has(_ names: String...) -> Bool { names.contains { options[$0].map { $0.last != "false" } ?? false } }
}

/// What is to go wrong: from the environment, or from lines `NAME=value` in the file `faults` of the state's folder.
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

  /// Counts the calls, and says whether this is the one that is to fail (`DEMO_FAIL=N`).
  func failsNow() -> Bool {
    guard let number = values["DEMO_FAIL"].flatMap(Int.init) else { return false }
    let descriptor = open(folder + "/calls", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard write(descriptor, ".", 1) == 1 else { return false }
    return lseek(descriptor, 0, SEEK_CUR) == off_t(number)
  }
}

/// Standard output, standard error and time.
enum DemoOutput {
  /// Writes data; ends the program when nobody reads any more, as the real tools do.
  static func say(_ text: String) { put(text, 1) }

  /// Writes a line about what goes wrong or on.
  static func complain(_ text: String) { put(text + "\n", 2) }

  private static func put(_ text: String, _ descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { exit(141) }
      bytes = bytes.dropFirst(count)
    }
  }

  /// Waits.
  static func sleep(_ seconds: Double) {
    guard seconds > 0 else { return }
    var wait = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    var rest = timespec()
    while nanosleep(&wait, &rest) != 0, errno == EINTR { wait = rest }
  }

  /// Reads standard input to its end.
  static func input() -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(0, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  /// Whether the reader of standard output is gone.
  static var readerIsGone: Bool {
    var descriptor = pollfd(fd: 1, events: 0, revents: 0)
    return poll(&descriptor, 1, 0) > 0 && Int32(descriptor.revents) & (POLLERR | POLLHUP) != 0
  }
}
