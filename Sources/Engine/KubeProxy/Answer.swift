import Basics
import NIOCore
import NIOHTTP1
import Synchronization

/// The response to one request, as it arrives. Nothing is read from the connection until it is asked for, so a slow
/// consumer slows down the sender instead of filling memory.
final class Answer: Sendable {
  /// How a response ended.
  enum End: Sendable, Equatable {
    case complete
    /// The connection was closed before the response was complete.
    case cut
    /// This program canceled it.
    case cancelled
  }

  private struct State {
    var head: HTTPResponseHead?
    var pending: [UInt8] = []
    var end: End?
    var waiter: CheckedContinuation<Void, Never>?
    /// Nothing is read before this time: lines that arrive one by one are collected for some milliseconds.
    var pausedUntil = NIODeadline.uptimeNanoseconds(0)
    var isReading = false
  }

  private let state = Lock(State())
  private let channel: any Channel
  private let isPaced: Bool

  /// The pause after a small chunk. It turns thousands of lines a second into some hundred chunks, and a single line is
  /// never delayed.
  private static let pause = TimeAmount.milliseconds(8)
  private static let smallPiece = 4096

  init(_ channel: any Channel, isPaced: Bool) {
    self.channel = channel
    self.isPaced = isPaced
  }

  // MARK: The consumer

  /// Status and headers.
  ///
  /// - Returns: nil if the connection ended before they arrived.
  func head() async throws -> HTTPResponseHead? {
    while true {
      let (head, isOver) = state.withLock { ($0.head, $0.end != nil) }
      if head != nil || isOver { return head }
      try await wait { $0.head != nil }
    }
  }

  /// What has arrived since the last call, as soon as there is something; nil at the end. For a single consumer.
  func next() async throws -> [UInt8]? {
    while true {
      let (bytes, isOver) = state.withLock { state -> ([UInt8], Bool) in
        defer { state.pending = [] }
        return (state.pending, state.end != nil)
      }
      if !bytes.isEmpty { return bytes }
      if isOver { return nil }
      try await wait { !$0.pending.isEmpty }
    }
  }

  /// How the response ended; nil while it continues.
  var end: End? { state.withLock { $0.end } }

  /// Closes the connection.
  func close() { channel.close(promise: nil) }

  private func wait(until isThere: (borrowing State) -> Bool) async throws {
    try Task.checkCancellation()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mustWait = state.withLock { state in
          guard state.end == nil, !isThere(state) else { return false }
          state.waiter = continuation
          return true
        }
        if mustWait { read() } else { continuation.resume() }
      }
    } onCancel: {
      finish(.cancelled)
      close()
    }
    try Task.checkCancellation()
  }

  private func read() {
    let pause = state.withLock { state -> NIODeadline? in
      guard !state.isReading else { return nil }
      state.isReading = true
      return state.pausedUntil
    }
    guard let pause else { return }
    if isPaced, pause > .now() {
      let channel = channel
      channel.eventLoop.scheduleTask(deadline: pause) { channel.read() }
    } else {
      channel.read()
    }
  }

  // MARK: The connection

  fileprivate func take(_ head: HTTPResponseHead) { state.withLock { $0.head = head } }

  fileprivate func take(_ bytes: ByteBufferView) { state.withLock { $0.pending.append(contentsOf: bytes) } }

  /// A read has completed.
  ///
  /// - Returns: whether the consumer is still waiting.
  fileprivate func hasRead(_ count: Int) -> Bool {
    let (waiter, isWaiting) = state.withLock { state -> (CheckedContinuation<Void, Never>?, Bool) in
      state.isReading = false
      if count < Self.smallPiece { state.pausedUntil = .now() + Self.pause }
      guard state.waiter != nil else { return (nil, false) }
      guard state.head != nil || !state.pending.isEmpty || state.end != nil else {
        state.isReading = true
        return (nil, true)
      }
      defer { state.waiter = nil }
      return (state.waiter, false)
    }
    waiter?.resume()
    return isWaiting
  }

  fileprivate func finish(_ end: End) {
    let waiter = state.withLock { state in
      state.end = state.end ?? end
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}

/// Sends the request and forwards the response. It runs on the thread of its connection.
final class AnswerHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let answer: Answer
  private let path: String
  private var count = 0

  init(_ answer: Answer, path: String) {
    self.answer = answer
    self.path = path
  }

  func channelActive(context: ChannelHandlerContext) {
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
    head.headers = [
      // The only host that kubectl's filter accepts.
      "Host": "localhost", "Accept": "application/json, */*", "Connection": "close",
      // Compression would cost both sides more than copying.
      "Accept-Encoding": "identity",
    ]
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): answer.take(head)
    case .body(let buffer):
      count += buffer.readableBytes
      answer.take(buffer.readableBytesView)
    case .end:
      answer.finish(.complete)
      context.close(promise: nil)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    let isWaiting = answer.hasRead(count)
    count = 0
    // A partial head or chunk header is no reason to wake anybody.
    if isWaiting { context.read() }
  }

  func channelInactive(context: ChannelHandlerContext) { answer.finish(.cut) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    answer.finish(.cut)
    context.close(promise: nil)
  }
}
