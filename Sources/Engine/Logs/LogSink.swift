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
  private var loss: AsyncStream<Void>.Continuation?

  init(
    _ archive: LogArchive, _ target: LogRecorder.Target, _ onProblem: @escaping @Sendable (EngineError) -> Void
  ) {
    (self.archive, self.target, self.onProblem) = (archive, target, onProblem)
  }

  /// A stream begins.
  ///
  /// - Returns: the second of the last line that is known.
  func begin() -> Int64? {
    if writer == nil { open() }
    if isFresh, let writer {
      isFresh = false
      seam = writer.seam()
    } else {
      seam.rejoin()
    }
    return seam.since
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
  func losses() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    loss = continuation
    if writer == nil { continuation.yield() }
    return stream
  }

  func append(_ lines: [ArraySlice<UInt8>]) {
    let new = seam.admit(lines)
    guard let writer, !new.isEmpty else { return }
    do throws(FileIO.Failure) {
      try writer.append(new)
      hasTold = false
    } catch {
      // What could not be written is asked for again when the log can be opened again.
      self.writer = nil
      tell(LogArchive.problem(archive.shownPath(scaleSet: target.scaleSet, runner: target.runner), error))
      loss?.yield()
    }
  }

  /// The log is left to others.
  func end() { writer = nil }

  /// Each is told once.
  func isNew(_ hint: LogHint) -> Bool { hints.insert(hint).inserted }
}
