import Basics
import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Held around every spawn: between `pipe` and `FD_CLOEXEC`, a child of another thread could inherit the pipe.
private let spawnLock = Lock<Void>(())

extension SpawnRequest {
  /// Runs code that spawns, and that may create descriptors, exclusively.
  package static func alone<R>(_ body: () throws(EngineError) -> R) throws(EngineError) -> R {
    let outcome = spawnLock.withLock { _ -> Result<R, EngineError> in
      do throws(EngineError) { return .success(try body()) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}

extension ChildProcess {
  /// Starts a program in its own process group with pipes for output and error. One without a time limit is ended when
  /// this program dies: by the kernel (`ParentBond`) where possible, otherwise by `ChildWarden`.
  ///
  /// - Parameter hearsErrors: whether the consumer reads standard error too; otherwise only its end is kept.
  /// - Throws: `EngineError` of kind `toolMissing` if it cannot be started, or `failed` if descriptors run out.
  static func spawn(_ call: ToolCall, hearsErrors: Bool) async throws(EngineError) -> ChildProcess {
    try ChildReactor.shared.start()
    if call.timeout == nil, let bound = ParentBond.bound(call) {
      // The kernel watches the thread that starts the child, and this one lives as long as the program.
      let child = await ChildReactor.shared.onItsThread {
        try? SpawnRequest.alone { () throws(EngineError) in
          try spawnAlone(bound, hearsErrors, bond: .unproved(program: call.executable))
        }
      }
      if let child {
        ChildReactor.shared.add(child)
        return child
      }
    }
    let isLongLived = call.timeout == nil
    if isLongLived { ChildWarden.shared.prepare(path: call.environment["PATH"]) }
    let child = try SpawnRequest.alone { () throws(EngineError) in
      let child = try spawnAlone(call, hearsErrors, bond: .none)
      if isLongLived { ChildWarden.shared.watch(child.pid) }
      return child
    }
    ChildReactor.shared.add(child)
    return child
  }

  private static func spawnAlone(
    _ call: ToolCall, _ hearsErrors: Bool, bond: Bond
  ) throws(EngineError) -> ChildProcess {
    var ours: [Int32] = []
    var theirs: [Int32] = []
    defer { for descriptor in theirs { close(descriptor) } }
    do throws(EngineError) {
      func makePipe(childReads: Bool) throws(EngineError) -> (ours: Int32, theirs: Int32) {
        let (reader, writer) = try FilePipe.make()
        let ends = childReads ? (ours: writer, theirs: reader) : (ours: reader, theirs: writer)
        ours.append(ends.ours)
        theirs.append(ends.theirs)
        FilePipe.makeNonBlocking(ends.ours)
        return ends
      }
      let output = try makePipe(childReads: false)
      let error = try makePipe(childReads: false)
      let input = call.input == nil ? nil : try makePipe(childReads: true)
      let pid = try SpawnRequest(
        call: call, leadsGroup: true, pipes: (input: input?.theirs, output: output.theirs, error: error.theirs)
      ).start()
      let deadline = call.timeout.map { MonotonicClock.time($0.nanoseconds) } ?? .max
      return ChildProcess(
        pid: pid, grace: call.gracePeriod.nanoseconds,
        state: State(
          output: OutputPipe(descriptor: output.ours, isConsumed: true),
          error: OutputPipe(descriptor: error.ours, isConsumed: hearsErrors), input: input?.ours ?? -1,
          unsent: (call.input ?? [])[...], bond: bond, terminateAt: deadline))
    } catch {
      for descriptor in ours { close(descriptor) }
      throw error
    }
  }
}
