import ARC
import Basics
import Kubernetes

/// Where the lines of one runner's log go: into the archive, when nobody else writes them there and the disk takes them.
actor LogSink {
  private let archive: LogArchive
  private let target: LogRecorder.Target
  private let onProblem: @Sendable (EngineError) -> Void
  private var writer: LogWriter?
  /// Opened by `mayWriteNow` and not begun with yet.
  private var isFresh = false
  private var seam = LogSeam()
  private var hints: Set<LogHint> = []
  private var hasTold = false
  /// The newest lines that were heard while the log could not be written: its pod may be gone by the time it can be.
  private var heard: [ArraySlice<UInt8>] = []
  private var heardBytes = 0
  private var heardAll = true
  static let heardLimit = 256 << 10
  private var loss: AsyncStream<Void>.Continuation?

  package init(
    _ archive: LogArchive, _ target: LogRecorder.Target, _ onProblem: @escaping @Sendable (EngineError) -> Void
  ) {
    (self.archive, self.target, self.onProblem) = (archive, target, onProblem)
  }

  /// A stream begins.
  ///
  /// - Returns: the second of the last line that is known.
  package func begin(fromStart: Bool) -> Int64? {
    if writer == nil { open() }
    let wasFresh = isFresh
    if isFresh { catchUp() }
    // All of what is kept comes again when the stream begins at the start.
    if !(wasFresh && fromStart) { seam.rejoin() }
    return seam.since
  }

  /// Adds what was heard meanwhile and is not in the log, where it joins what is.
  private func catchUp() {
    isFresh = false
    guard let writer else { return }
    seam = writer.seam()
    let missed = heard
    let new = seam.admit(missed)
    let joins = heardAll || new.count < missed.count
    (heard, heardBytes, heardAll) = ([], 0, true)
    // What does not join is read again from where the log ends, if it still can be.
    if joins { write(new) } else { seam = writer.seam() }
  }

  private func open() {
    do throws(EngineError) {
      writer = try archive.writer(scaleSet: target.scaleSet, runner: target.runner)
      isFresh = writer != nil
    } catch {
      tell(error)
    }
  }

  private func tell(_ error: EngineError) {
    guard !hasTold else { return }
    hasTold = true
    onProblem(error)
  }

  /// Whether the log, which could not be written before, can be now. The stream is to begin again then.
  func mayWriteNow() -> Bool {
    guard writer == nil else { return false }
    open()
    return writer != nil
  }

  /// Yields whenever the log cannot be written, from now on.
  package func losses() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    loss = continuation
    if writer == nil { continuation.yield() }
    return stream
  }

  package func append(_ lines: [ArraySlice<UInt8>]) {
    write(seam.admit(lines))
  }

  private func write(_ new: [ArraySlice<UInt8>]) {
    guard !new.isEmpty else { return }
    // A writer that was just opened has to catch up first.
    guard let writer, !isFresh else { return hear(new) }
    do throws(FileIO.Failure) {
      try writer.append(new)
      hasTold = false
    } catch {
      // What could not be written is asked for again when the log can be opened again.
      self.writer = nil
      hear(new)
      tell(LogArchive.problem(archive.shownPath(scaleSet: target.scaleSet, runner: target.runner), error))
      loss?.yield()
    }
  }

  private func hear(_ lines: [ArraySlice<UInt8>]) {
    // Copied: a slice holds all of what it is a part of.
    heard += lines.map { ArraySlice(Array($0)) }
    heardBytes += lines.reduce(0) { $0 + $1.count }
    var dropped = 0
    while heardBytes > Self.heardLimit, dropped < heard.count {
      heardBytes -= heard[dropped].count
      dropped += 1
    }
    guard dropped > 0 else { return }
    heard.removeFirst(dropped)
    heardAll = false
  }

  /// The log is over, or left to others. Whoever wrote it may have been stopped before its end.
  package func end() {
    if writer == nil, !heard.isEmpty {
      open()
      catchUp()
    }
    writer = nil
  }

  /// Each is told once.
  package func isNew(_ hint: LogHint) -> Bool { hints.insert(hint).inserted }
}
