import ARC
import Basics
import Kubernetes

/// The destination of a runner's log: the archive, unless another program writes the log there or the disk is full.
actor LogSink {
  private let archive: LogArchive
  private let target: LogRecorder.Target
  private let trouble: LogTrouble
  private var writer: LogWriter?
  /// Opened, but nothing written yet.
  private var isFresh = false
  /// Joins the archived log with new lines.
  private var seam = LogSeam()
  private var hints: Set<LogHint> = []
  /// The newest lines received while the log could not be written: its pod may be gone by the time it can.
  private var heard: [ArraySlice<UInt8>] = []
  private var heardBytes = 0
  private var heardAll = true
  static let heardLimit = 256 << 10
  private var hasFailed = false
  private var loss: AsyncStream<Void>.Continuation?

  init(_ archive: LogArchive, _ target: LogRecorder.Target, _ trouble: LogTrouble) {
    (self.archive, self.target, self.trouble) = (archive, target, trouble)
  }

  /// Starts following the log.
  ///
  /// - Parameter fromStart: whether the stream starts at the beginning, so that archived lines are received again.
  /// - Returns: the time of the last known line.
  func begin(fromStart: Bool) -> Int64? {
    if writer == nil { open() }
    let wasFresh = isFresh
    if isFresh { catchUp() }
    if !(wasFresh && fromStart) { seam.rejoin() }
    return seam.since
  }

  /// Adds lines received meanwhile that are missing in the log, if they join it.
  private func catchUp() {
    isFresh = false
    guard let writer else { return }
    seam = writer.seam()
    let missed = heard
    let new = seam.admit(missed)
    let joins = heardAll || new.count < missed.count
    (heard, heardBytes, heardAll) = ([], 0, true)
    // If they do not join, the log is read again from its end, if that is still possible.
    if joins { write(new) } else { seam = writer.seam() }
  }

  private func open() {
    do throws(EngineError) {
      writer = try archive.writer(scaleSet: target.scaleSet, runner: target.runner)
      isFresh = writer != nil
    } catch {
      fail(error)
    }
  }

  private func fail(_ error: EngineError) {
    hasFailed = true
    trouble.failed(target, error)
  }

  /// Whether the log cannot be written now.
  var isWaiting: Bool { writer == nil }

  /// Tries again to open a log that could not be written. If all lines were received meanwhile, it is simply continued.
  ///
  /// - Returns: whether it can be written but lines are missing: following then restarts with `begin`.
  func mustBeginAgain() -> Bool {
    guard writer == nil else { return false }
    open()
    guard writer != nil, heardAll else { return writer != nil }
    catchUp()
    // The stream continues after the received lines, so nothing is repeated.
    seam.settle()
    return false
  }

  /// Whether the log can be written and following must restart with `begin`.
  var isUnbegun: Bool { isFresh }

  /// Yields whenever the log cannot be written, from now on.
  func losses() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    loss = continuation
    if writer == nil { continuation.yield() }
    return stream
  }

  func append(_ lines: [ArraySlice<UInt8>]) {
    // Once it has joined the archived log, each line comes once.
    write(seam.isJoined && writer != nil ? lines : seam.admit(lines))
  }

  private func write(_ new: [ArraySlice<UInt8>]) {
    guard !new.isEmpty else { return }
    // A writer that was just opened has to catch up first.
    guard let writer, !isFresh else { return hear(new) }
    do throws(FileIO.Failure) {
      try writer.append(new)
      if hasFailed {
        hasFailed = false
        trouble.recovered(target)
      }
    } catch {
      // What could not be written is requested again when the log can be opened.
      self.writer = nil
      hear(new)
      fail(LogArchive.problem(archive.shownPath(scaleSet: target.scaleSet, runner: target.runner), error))
      loss?.yield()
    }
  }

  private func hear(_ lines: [ArraySlice<UInt8>]) {
    // Copied: a slice keeps the whole array it is part of.
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

  /// Ends the log, or leaves it to others. An earlier writer may have been stopped before its end.
  ///
  /// - Returns: the number of bytes that could not be written: `end` may be tried again later.
  func end() -> Int {
    if writer == nil, !heard.isEmpty {
      open()
    }
    if isFresh { catchUp() }
    let isLeft = hasFailed && writer == nil
    writer?.discardIfEmpty()
    writer = nil
    return isLeft ? heardBytes : 0
  }

  /// Each hint is reported once.
  func isNew(_ hint: LogHint) -> Bool { hints.insert(hint).inserted }
}
