/// A sentence in a runner's log that tells why it does not work. Each is the runner's, its hooks' or a tool's own.
public enum LogHint: String, Sendable, CaseIterable {
  /// It was ready for a job.
  case listens = "Listening for Jobs"
  /// It runs as root and was not told that it may (actions/runner, run-helper.sh).
  case root = "Must not run interactively with sudo"
  /// A job without `container:` where one is demanded (runner-container-hooks).
  case needsContainer = "Jobs without a job container are forbidden"
  /// It waits for a Docker daemon (actions/runner, run.sh of the dind image).
  case waitsForDocker = "Waiting for docker to be ready"
  case dockerIsReady = "Docker is ready"
  case jobPodRefused = "failed to create job pod"
  case hookFailed = "Executing the custom container implementation failed"
  case accessDenied = "Access to the path"
  case deprecated = "is deprecated and cannot receive messages"
  case tooManyFiles = "too many open files"
  case diskFull = "No space left on device"
  case nameTaken = "A session for this runner already exists"

  private var needle: [UInt8] { Array(rawValue.utf8) }
  private static let all: [(hint: LogHint, needle: [UInt8])] = allCases.map { ($0, $0.needle) }

  /// What a line says; nil for almost all of them. Long lines are the job's.
  static func find(in line: ArraySlice<UInt8>) -> LogHint? {
    guard line.count < 600 else { return nil }
    return line.withUnsafeBufferPointer { line in
      for (hint, needle) in all where contains(line, needle) { return hint }
      return nil
    }
  }

  private static func contains(_ line: UnsafeBufferPointer<UInt8>, _ needle: [UInt8]) -> Bool {
    guard line.count >= needle.count else { return false }
    return needle.withUnsafeBufferPointer { needle in
      let (first, second) = (needle[0] & 0xDF, needle[1] & 0xDF)
      for start in 0...(line.count - needle.count)
      where line[start] & 0xDF == first && line[start + 1] & 0xDF == second {
        var at = 2
        while at < needle.count, line[start + at] & 0xDF == needle[at] & 0xDF { at += 1 }
        if at == needle.count { return true }
      }
      return false
    }
  }
}
