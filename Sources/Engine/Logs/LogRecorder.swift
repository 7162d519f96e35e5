/// Keeps the logs of runners that have a job, and hears in them how the jobs ended: ARC deletes a runner's pod with its
/// job, so whoever did not listen meanwhile never learns it.
public actor LogRecorder {
  /// What a runner's log says of its job.
  public enum Mark: Sendable, Equatable {
    /// The job began.
    case started(at: Int64?)
    /// The job ended; GitHub's word for how.
    case ended(result: String, at: Int64?)
    /// Something that tells why a runner does not work.
    case hint(LogHint)
  }

  /// A runner whose log is to be kept.
  public struct Target: Sendable, Hashable {
    /// Its name, which the pod shares.
    public var runner: String
    /// Its scale set.
    public var scaleSet: String
    /// Its namespace.
    public var namespace: String

    /// Describes a runner.
    public init(runner: String, scaleSet: String, namespace: String = ClusterTarget.namespace) {
      self.runner = runner
      self.scaleSet = scaleSet
      self.namespace = namespace
    }
  }

  /// The most streams open at once.
  public static let streamLimit = 12

  private let api: any KubernetesAPI
  private let archive: LogArchive
  private let onMark: @Sendable (Target, Mark) -> Void
  private var streams: [Target: Task<Void, Never>] = [:]
  private var finished: Set<Target> = []

  /// Records through this API into this archive.
  public init(
    api: any KubernetesAPI, archive: LogArchive, onMark: @escaping @Sendable (Target, Mark) -> Void
  ) {
    self.api = api
    self.archive = archive
    self.onMark = onMark
  }

  /// These runners have jobs now; the first ones are recorded, as many as may be.
  public func record(_ targets: [Target]) {
    let wanted = Set(targets)
    finished.formIntersection(wanted)
    for target in targets where streams[target] == nil && !finished.contains(target) {
      guard streams.count < Self.streamLimit else { break }
      streams[target] = Task { await self.follow(target) }
    }
  }

  /// Ends all streams.
  public func stop() {
    for task in streams.values { task.cancel() }
    streams = [:]
  }

  private func follow(_ target: Target) async {
    let request = LogRequest(
      pod: target.runner, namespace: target.namespace, container: "runner", follows: true)
    let sink = LogSink(archive.writer(scaleSet: target.scaleSet, runner: target.runner))
    let onMark = onMark
    try? await api.stream(request.path) { lines in
      await sink.append(lines)
      for line in lines {
        if let mark = Self.mark(line) { onMark(target, mark) }
        if let hint = LogHint.find(in: line), await sink.isNew(hint) { onMark(target, .hint(hint)) }
      }
    }
    streams[target] = nil
    finished.insert(target)
  }

  /// What a line says of the job: the runner itself writes `Running job: NAME` and
  /// `Job NAME completed with result: RESULT` (actions/runner, src/Runner.Listener/JobDispatcher.cs), each after the
  /// time as `2026-11-24 12:00:05Z: `. What a job writes does not begin so, and costs a look at two bytes.
  static func mark(_ line: ArraySlice<UInt8>) -> Mark? {
    guard line.count < 1000, let space = line.prefix(40).firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let words = line[(space + 1)...].dropFirst(19)
    guard words.starts(with: "Z: ".utf8) else { return nil }
    let text = String(decoding: words.dropFirst(3), as: UTF8.self)
    let time = Timestamp.parse(line[..<space])
    if text.hasPrefix("Job "), let end = text.firstRange(of: "completed with result: ") {
      return .ended(result: text[end.upperBound...].prefix { $0.isLetter }.description, at: time)
    }
    return text.hasPrefix("Running job: ") ? .started(at: time) : nil
  }
}

/// The writer of a log, for one stream.
private actor LogSink {
  private let writer: LogWriter?
  private var hints: Set<LogHint> = []

  init(_ writer: sending LogWriter?) { self.writer = writer }

  func append(_ lines: [ArraySlice<UInt8>]) { writer?.append(lines) }

  /// Each is told once a stream.
  func isNew(_ hint: LogHint) -> Bool { hints.insert(hint).inserted }
}
