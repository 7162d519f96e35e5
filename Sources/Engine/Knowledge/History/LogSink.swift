import ARC
import Basics
import Kubernetes

/// Where the lines of one runner's log go: into the archive, when nobody else writes them there and the disk takes them.
actor LogSink {
  private let archive: LogArchive
  private let target: LogRecorder.Target
  private let trouble: LogTrouble
  private var writer: LogWriter?
  /// Opened and not begun with yet.
  private var isFresh = false
  /// Joins what is kept with what is heard.
  private var seam = LogSeam()
  private var hints: Set<LogHint> = []
  /// The newest lines that were heard while the log could not be written: its pod may be gone by the time it can be.
  private var heard: [ArraySlice<UInt8>] = []
  private var heardBytes = 0
  private var heardAll = true
  static let heardLimit = 256 << 10
  private var hasFailed = false
  private var loss: AsyncStream<Void>.Continuation?

  init(_ archive: LogArchive, _ target: LogRecorder.Target, _ trouble: LogTrouble) {
    (self.archive, self.target, self.trouble) = (archive, target, trouble)
  }

  /// The log is followed from now on.
  ///
  /// - Parameter fromStart: whether all of it comes, so that what is kept comes again.
  /// - Returns: the second of the last line that is known.
  func begin(fromStart: Bool) -> Int64? {
    if writer == nil { open() }
    let wasFresh = isFresh
    if isFresh { catchUp() }
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
      fail(error)
    }
  }

  private func fail(_ error: EngineError) {
    hasFailed = true
    trouble.failed(target, error)
  }

  /// Whether the log cannot be written now.
  var isWaiting: Bool { writer == nil }

  /// Tries to write a log that could not be written before. Where all of it was heard meanwhile, it is simply continued.
  ///
  /// - Returns: whether it can be written and lines are missing: it is to be followed from `begin` on again then.
  func mustBeginAgain() -> Bool {
    guard writer == nil else { return false }
    open()
    guard writer != nil, heardAll else { return writer != nil }
    catchUp()
    // The stream goes on after what was heard, so nothing comes again.
    seam.settle()
    return false
  }

  /// Whether the log can be written and is to be followed from `begin` on again.
  var isUnbegun: Bool { isFresh }

  /// Yields whenever the log cannot be written, from now on.
  func losses() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    loss = continuation
    if writer == nil { continuation.yield() }
    return stream
  }

  func append(_ lines: [ArraySlice<UInt8>]) {
    // Once it has joined what is kept, each line comes once.
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
      // What could not be written is asked for again when the log can be opened again.
      self.writer = nil
      hear(new)
      fail(LogArchive.problem(archive.shownPath(scaleSet: target.scaleSet, runner: target.runner), error))
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
  ///
  /// - Returns: bytes that were heard and could not be written: `end` may be tried again later.
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

  /// Each is told once.
  func isNew(_ hint: LogHint) -> Bool { hints.insert(hint).inserted }
}
