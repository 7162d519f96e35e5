import Tools

/// A message in a runner's log that explains why it does not work. Each is written by the runner, its hooks or a tool.
package enum LogHint: String, Sendable, CaseIterable {
  /// It was ready for a job.
  case listens = "Listening for Jobs"
  /// It runs as root without permission to do so (actions/runner, run-helper.sh).
  case root = "Must not run interactively with sudo"
  /// A job without `container:` where one is required (runner-container-hooks).
  case needsContainer = "Jobs without a job container are forbidden"
  /// It is waiting for a Docker daemon (actions/runner, run.sh of the dind image).
  case waitsForDocker = "Waiting for docker to be ready"
  /// The daemon became available.
  case dockerIsReady = "Docker is ready"
  /// Kubernetes rejected the pod for the job (runner-container-hooks).
  case jobPodRefused = "failed to create job pod"
  /// The hooks failed (actions/runner).
  case hookFailed = "Executing the custom container implementation failed"
  /// A folder belongs to another user.
  case accessDenied = "Access to the path"
  /// GitHub no longer accepts runners of this version.
  case deprecated = "is deprecated and cannot receive messages"
  /// The limit of open files or watches is reached.
  case tooManyFiles = "too many open files"
  /// The disk is full.
  case diskFull = "No space left on device"
  /// Another runner uses the name.
  case nameTaken = "A session for this runner already exists"
  /// GitHub no longer knows the runner (actions/runner, BrokerMessageListener: `Registration ID was not found.`).
  case registrationLost = "BrokerMessageListener] Registration"
  /// The same, in an older wording.
  case registrationDeleted = "registration has been deleted from the server"
  /// It lost the connection to GitHub and retries (actions/runner, MessageListener: `… Retrying until reconnected.`).
  case cannotConnect = "Runner connect error"
  /// The connection to GitHub is restored.
  case reconnected = "Runner reconnected"

  /// Two adjacent letters that are rare in other text. They are searched for first, so that a log of ten thousand lines
  /// a second costs only one check per byte.
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
    /// The offset of the anchor from the start.
    package var offset: Int
  }

  private static let needles: [Needle] = allCases.map { hint in
    let bytes = Array(hint.rawValue.utf8).map(large)
    let anchor = Array(hint.anchor.utf8).map(large)
    let offset = (0..<(bytes.count - 1)).first { bytes[$0] == anchor[0] && bytes[$0 + 1] == anchor[1] } ?? 0
    return Needle(hint: hint, bytes: bytes, offset: offset)
  }

  /// Whether each pair of letters is an anchor.
  private static let anchors: [Bool] = {
    var anchors = [Bool](repeating: false, count: 1 << 10)
    for needle in needles { anchors[pair(needle.bytes[needle.offset], needle.bytes[needle.offset + 1])] = true }
    return anchors
  }()

  private static func large(_ byte: UInt8) -> UInt8 { byte & 0xDF }
  private static func pair(_ first: UInt8, _ second: UInt8) -> Int { Int(first & 0x1F) << 5 | Int(second & 0x1F) }

  /// The hint in a line; nil for almost all lines. Long lines come from the job.
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

  /// The hint whose anchor is at this position.
  private static func hint(_ line: UnsafeBufferPointer<UInt8>, around at: Int) -> LogHint? {
    for needle in needles {
      let start = at - needle.offset
      guard start >= 0, start + needle.bytes.count <= line.count else { continue }
      if needle.bytes.indices.allSatisfy({ large(line[start + $0]) == needle.bytes[$0] }) { return needle.hint }
    }
    return nil
  }
}
