import Tools

/// A sentence in a runner's log that tells why it does not work. Each is the runner's, its hooks' or a tool's own.
package enum LogHint: String, Sendable, CaseIterable {
  /// It was ready for a job.
  case listens = "Listening for Jobs"
  /// It runs as root and was not told that it may (actions/runner, run-helper.sh).
  case root = "Must not run interactively with sudo"
  /// A job without `container:` where one is demanded (runner-container-hooks).
  case needsContainer = "Jobs without a job container are forbidden"
  /// It waits for a Docker daemon (actions/runner, run.sh of the dind image).
  case waitsForDocker = "Waiting for docker to be ready"
  /// The daemon came after all.
  case dockerIsReady = "Docker is ready"
  /// Kubernetes took no pod for the job (runner-container-hooks).
  case jobPodRefused = "failed to create job pod"
  /// The hooks ended with an error (actions/runner).
  case hookFailed = "Executing the custom container implementation failed"
  /// A folder belongs to somebody else.
  case accessDenied = "Access to the path"
  /// GitHub takes no runner of this version any more.
  case deprecated = "is deprecated and cannot receive messages"
  /// The limits for files or watches are reached.
  case tooManyFiles = "too many open files"
  /// The disk is full.
  case diskFull = "No space left on device"
  /// Another runner has the name.
  case nameTaken = "A session for this runner already exists"
  /// GitHub no longer knows the runner (actions/runner, BrokerMessageListener: `Registration ID was not found.`).
  case registrationLost = "BrokerMessageListener] Registration"
  /// The same in an older form.
  case registrationDeleted = "registration has been deleted from the server"
  /// It lost GitHub and tries again (actions/runner, MessageListener: `… Retrying until reconnected.`).
  case cannotConnect = "Runner connect error"
  /// It found GitHub again.
  case reconnected = "Runner reconnected"

  /// Where two letters stand beside each other that other text seldom has: these are looked for first, so that a log of
  /// ten thousand lines a second costs a look at each byte and no more.
  var anchor: String {
    switch self {
    case .listens: "Jo"
    case .root: "ud"
    case .needsContainer: "rb"
    case .waitsForDocker, .dockerIsReady: "dy"
    case .jobPodRefused: "jo"
    case .hookFailed: "xe"
    case .accessDenied: "cc"
    case .deprecated: "nn"
    case .tooManyFiles: "ny"
    case .diskFull: "ft"
    case .nameTaken: "xi"
    case .registrationLost: "rM"
    case .registrationDeleted: "rv"
    case .cannotConnect, .reconnected: "nn"
    }
  }

  private struct Needle: Sendable {
    package var hint: LogHint
    package var bytes: [UInt8]
    /// How far its anchor is from its start.
    package var offset: Int
  }

  private static let needles: [Needle] = allCases.map { hint in
    let bytes = Array(hint.rawValue.utf8).map(large)
    let anchor = Array(hint.anchor.utf8).map(large)
    let offset = (0..<(bytes.count - 1)).first { bytes[$0] == anchor[0] && bytes[$0 + 1] == anchor[1] } ?? 0
    return Needle(hint: hint, bytes: bytes, offset: offset)
  }

  /// For each pair of letters a bit whether it is an anchor.
  private static let anchors: [Bool] = {
    var anchors = [Bool](repeating: false, count: 1 << 10)
    for needle in needles { anchors[pair(needle.bytes[needle.offset], needle.bytes[needle.offset + 1])] = true }
    return anchors
  }()

  private static func large(_ byte: UInt8) -> UInt8 { byte & 0xDF }
  private static func pair(_ first: UInt8, _ second: UInt8) -> Int { Int(first & 0x1F) << 5 | Int(second & 0x1F) }

  /// What a line says; nil for almost all of them. Long lines are the job's.
  package static func find(in line: ArraySlice<UInt8>) -> LogHint? {
    guard line.count < 600, line.count > 12 else { return nil }
    return line.withUnsafeBufferPointer { line in
      anchors.withUnsafeBufferPointer { anchors in
        for at in 0..<(line.count - 1) where anchors[pair(line[at], line[at + 1])] {
          if let hint = hint(line, around: at) { return hint }
        }
        return nil
      }
    }
  }

  /// The sentence whose anchor stands here.
  private static func hint(_ line: UnsafeBufferPointer<UInt8>, around at: Int) -> LogHint? {
    for needle in needles {
      let start = at - needle.offset
      guard start >= 0, start + needle.bytes.count <= line.count else { continue }
      if needle.bytes.indices.allSatisfy({ large(line[start + $0]) == needle.bytes[$0] }) { return needle.hint }
    }
    return nil
  }
}
