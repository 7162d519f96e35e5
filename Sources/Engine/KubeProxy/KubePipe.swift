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

/// The cluster's API through one `kubectl proxy` and its socket: the credentials, the certificates and the ways to them
/// remain kubectl's, and a question or a stream costs a connection instead of a process.
///
/// Nothing is started before the first question. Where there can be no proxy, each question is a `kubectl get --raw`.
package final class KubePipe: KubernetesPipe {
  private let toolbox: Toolbox
  private let keeper: ProxyKeeper
  private let gate = UnreachableGate()

  /// One thread for all connections; it waits in the kernel while nothing happens.
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  /// What has not been closed, for the end of the program.
  private static let open = Lock<[ObjectIdentifier: ProxyKeeper]>([:])

  /// A pipe to the target of this toolbox.
  ///
  /// - Parameter onFallback: hears why there can be no proxy.
  package convenience init(toolbox: Toolbox, onFallback: @escaping @Sendable (String) -> Void = { _ in }) {
    self.init(toolbox: toolbox, refusalPatience: .seconds(10), onFallback: onFallback)
  }

  init(toolbox: Toolbox, refusalPatience: Duration, onFallback: @escaping @Sendable (String) -> Void) {
    self.toolbox = toolbox
    keeper = ProxyKeeper(toolbox: toolbox, refusalPatience: refusalPatience, onFallback: onFallback)
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
      // Half a line of a stream that broke is no line.
      if answer.end == .complete, let last = lines.finish() { try await onLines([last]) }
    } otherwise: {
      try await kubectl.stream(path, onLines: onLines)
    }
  }

  /// The answer has not begun: nobody has heard anything, and it may be asked for again.
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
          // What broke with its proxy is no word of the cluster's: a stream ends here and is taken up by its reader, a
          // document is asked for again.
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
        // More ask at once than the proxy has taken in.
        case EAGAIN: break
        default: throw kubectl.failure(getting: path, said: "error: \(String(cString: strerror(error.errnoCode)))")
        }
      } catch is ChannelError {
        try Task.checkCancellation()
      }
      // A proxy that was killed: there is another in a moment.
      failures += 1
      guard failures < Self.tries else {
        throw kubectl.failure(getting: path, said: "Unable to connect to the server: EOF")
      }
      try await Task.sleep(for: .milliseconds(10 << failures))
    }
  }

  /// How often a question is asked to which nothing at all was answered.
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

  /// - Throws: `EngineError` of kind `timedOut` when the body takes longer.
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
