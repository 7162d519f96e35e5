import Basics
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server in this process whose responses are controlled by a test.
final class TestServer: Sendable {
  /// A request and its response.
  struct Exchange: Sendable {
    let path: String
    let headers: HTTPHeaders
    fileprivate let channel: any Channel

    func begin(_ status: HTTPResponseStatus = .ok, headers: HTTPHeaders = [:]) {
      channel.writeAndFlush(
        HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)), promise: nil
      )
    }

    /// - Returns: completes when the text has been sent.
    @discardableResult
    func say(_ text: String) -> EventLoopFuture<Void> {
      channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))))
    }

    func end() {
      let channel = channel
      channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
    }

    /// Closes the connection in the middle of the response.
    func cut() { channel.close(promise: nil) }

    func answer(_ text: String) { answer(.ok, text) }

    func answer(_ status: HTTPResponseStatus, _ text: String, headers: HTTPHeaders = [:]) {
      begin(status, headers: headers)
      say(text)
      end()
    }
  }

  private let server: any Channel
  private let connections: Connections

  private init(_ server: any Channel, _ connections: Connections) {
    (self.server, self.connections) = (server, connections)
  }

  private final class Connections: Sendable {
    let open = Lock<[any Channel]>([])
  }

  /// Its port, if it has one.
  var port: Int? { server.localAddress?.port }

  static func start(at address: SocketAddress, _ answer: @escaping @Sendable (Exchange) -> Void) async throws
    -> TestServer
  {
    let connections = Connections()
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        connections.open.withLock { $0.append(channel) }
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(answer))
        }
      }
      .bind(to: address).get()
    return TestServer(server, connections)
  }

  /// Stops the server and closes open connections, as when its process is killed.
  func stop() async {
    try? await server.close()
    for channel in connections.open.withLock({ $0 }) { try? await channel.close() }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    private let answer: @Sendable (Exchange) -> Void
    private var head: HTTPRequestHead?

    init(_ answer: @escaping @Sendable (Exchange) -> Void) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): self.head = head
      case .body: break
      case .end:
        guard let head else { return }
        answer(Exchange(path: head.uri, headers: head.headers, channel: context.channel))
      }
    }
  }
}
