import Basics
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Tools

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The cluster's API through a `kubectl proxy` and its socket: credentials, certificates and connections remain
/// kubectl's concern, and a request or a stream costs a connection instead of a process.
///
/// Nothing is started before the first request. Where a proxy is not possible, each request is a `kubectl get --raw`.
package final class KubePipe: KubernetesPipe {
  private let toolbox: Toolbox
  private let keeper: ProxyKeeper
  private let gate = UnreachableGate()

  /// A single thread for all connections; it sleeps in the kernel while nothing happens.
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  /// The open pipes, to close when the program ends.
  private static let open = Lock<[ObjectIdentifier: ProxyKeeper]>([:])

  /// Creates a pipe to the target of this toolbox.
  ///
  /// - Parameters:
  ///   - stays: whether it is used for long. If not, it starts faster and uses more memory.
  ///   - onFallback: called with the reason why a proxy is not possible.
  package convenience init(
    toolbox: Toolbox, stays: Bool = true, onFallback: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.init(toolbox: toolbox, stays: stays, refusalPatience: .seconds(10), onFallback: onFallback)
  }

  init(
    toolbox: Toolbox, stays: Bool = true, refusalPatience: Duration,
    onFallback: @escaping @Sendable (String) -> Void
  ) {
    self.toolbox = toolbox
    keeper = ProxyKeeper(
      toolbox: toolbox, stays: stays, refusalPatience: refusalPatience, onFallback: onFallback)
    Self.open.withLock { $0[ObjectIdentifier(keeper)] = keeper }
  }

  package func close() async { await Self.close(keeper) }

  /// Closes every pipe of this program.
  package static func closeAll() async {
    for keeper in open.withLock({ Array($0.values) }) { await close(keeper) }
  }

  private static func close(_ keeper: ProxyKeeper) async {
    await keeper.close()
    _ = open.withLock { $0.removeValue(forKey: ObjectIdentifier(keeper)) }
  }

  package var logLimit: Int { keeper.isUnavailable ? LogLimit.processes : LogLimit.streams }

  package var access: FileStamp? { toolbox.access }

  package func json(_ path: String, timeout: Duration) async throws -> JSONValue {
    let answer = try await get(path, timeout: timeout)
    return try toolbox.kubectl().document(answer, of: path)
  }

  package func get(_ path: String, timeout: Duration) async throws -> [UInt8] {
    let kubectl = try toolbox.kubectl()
    return try await ask(kubectl, path, isPaced: false) { answer in
      let limit = Kubectl.answerLimit
      return try await Self.within(timeout, kubectl, path) {
        try await self.checkHead(answer, kubectl, path)
        var bytes: [UInt8] = []
        while let piece = try await answer.next() {
          bytes += piece
          guard bytes.count <= limit else {
            throw EngineError(.failed, "The cluster answered with more than \(limit >> 20) MiB")
          }
        }
        return bytes
      }
    } otherwise: {
      try await kubectl.get(path, timeout: timeout)
    }
  }

  package func stream(
    _ path: String, onLines: @Sendable ([ArraySlice<UInt8>]) async throws -> Void
  ) async throws {
    let kubectl = try toolbox.kubectl()
    try await ask(kubectl, path, isPaced: true) { answer in
      try await self.checkHead(answer, kubectl, path)
      let lines = StreamLines(cutsLongLines: path.contains("/log?"))
      while let piece = try await answer.next() {
        let complete = try lines.append(piece)
        if !complete.isEmpty { try await onLines(complete) }
      }
      // A partial line of a broken stream is not a line.
      if answer.end == .complete, let last = lines.finish() { try await onLines([last]) }
    } otherwise: {
      try await kubectl.stream(path, onLines: onLines)
    }
  }

  /// The response has not started: no data was passed on, so the request may be repeated.
  private struct NoAnswer: Error {}

  private func checkHead(_ answer: Answer, _ kubectl: Kubectl, _ path: String) async throws {
    guard let head = try await answer.head() else { throw NoAnswer() }
    await keeper.hasAnswered(Int(head.status.code))
    guard head.status != .ok else { return gate.isReachable() }
    var body: [UInt8] = []
    while body.count < Refusal.limit, let piece = try await answer.next() { body += piece }
    let refusal = Refusal(head, body)
    if refusal.isUnreachable { gate.isUnreachable(refusal.text) } else { gate.isReachable() }
    throw kubectl.failure(getting: path, said: refusal.text)
  }

  private func ask<R: Sendable>(
    _ kubectl: Kubectl, _ path: String, isPaced: Bool, _ body: (Answer) async throws -> R,
    otherwise: () async throws -> R
  ) async throws -> R {
    guard ProxyPaths.accepts(path) else { return try await otherwise() }
    if let said = gate.refusal() { throw kubectl.failure(getting: path, said: said) }
    defer { gate.isOver() }
    var failures = 0
    while true {
      guard let proxy = try await keeper.proxy(kubectl) else { return try await otherwise() }
      do {
        let answer = try await Self.connect(proxy.folder.socket, path, isPaced)
        defer { answer.close() }
        let result = try await body(answer)
        guard answer.end == .complete else {
          try Task.checkCancellation()
          // An error caused by the end of the proxy is not the cluster's: a stream ends here and is resumed by its
          // reader, a document is requested again.
          if await keeper.isGone(proxy) {
            if isPaced { return result }
            throw NoAnswer()
          }
          throw kubectl.failure(getting: path, said: "error: unexpected EOF")
        }
        return result
      } catch is NoAnswer {
        try Task.checkCancellation()
        if proxy.hasEnded { await keeper.isLost(proxy) }
      } catch let error as IOError {
        try Task.checkCancellation()
        switch error.errnoCode {
        case ECONNREFUSED, ENOENT, ECONNRESET, EPIPE: await keeper.isLost(proxy)
        // More connections at once than the proxy has accepted.
        case EAGAIN: break
        default: throw kubectl.failure(getting: path, said: "error: \(String(cString: strerror(error.errnoCode)))")
        }
      } catch is ChannelError {
        try Task.checkCancellation()
      }
      // The proxy was killed: another one will be available soon.
      failures += 1
      guard failures < Self.tries else {
        throw kubectl.failure(getting: path, said: "Unable to connect to the server: EOF")
      }
      try await Task.sleep(for: .milliseconds(10 << failures))
    }
  }

  /// The number of attempts for a request that gets no response at all.
  private static let tries = 4

  private static func connect(_ socket: String, _ path: String, _ isPaced: Bool) async throws -> Answer {
    try await ClientBootstrap(group: group)
      .channelOption(.autoRead, value: false)
      .connect(unixDomainSocketPath: socket) { channel in
        channel.eventLoop.makeCompletedFuture {
          let answer = Answer(channel, isPaced: isPaced)
          try channel.pipeline.syncOperations.addHTTPClientHandlers(leftOverBytesStrategy: .dropBytes)
          try channel.pipeline.syncOperations.addHandler(AnswerHandler(answer, path: path))
          return answer
        }
      }
  }

  /// - Throws: `EngineError` of kind `timedOut` if the body takes longer.
  private static func within<R: Sendable>(
    _ timeout: Duration, _ kubectl: Kubectl, _ path: String, _ body: @escaping @Sendable () async throws -> R
  ) async throws -> R {
    if let result = try await TimeLimit.value(timeout, body) { return result }
    throw kubectl.failure(
      getting: path,
      said: "Unable to connect to the server: no answer within \(DurationText.short(timeout)) (Client.Timeout exceeded)"
    )
  }
}
