import Engine
import NIOCore
import NIOHTTP1
import NIOPosix

/// The simulated `kubectl proxy`: serves all watches and logs of a deskrun process from one process.
struct DemoProxy {
  let call: DemoCall
  let context: String

  /// Serves until the process is terminated.
  func serve(at socket: String) throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let (arguments, environment, store, context) = (call.arguments, call.environment, call.store, context)
    let server = try loop.submit {
      let call = DemoCall(
        name: "kubectl", arguments: arguments, environment: environment, store: store,
        faults: DemoFaults(environment: environment, folder: store.folder))
      return NIOLoopBound(DemoServer(call: call, context: context, loop: loop), eventLoop: loop)
    }.wait()
    let watch = DemoStateWatch(folder: call.store.folder)
    _ = try ServerBootstrap(group: group)
      // Hundreds of logs may be requested at once.
      .serverChannelOption(.backlog, value: 1024)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(DemoRequestHandler(server.value))
        }
      }
      .bind(unixDomainSocketPath: socket).wait()
    call.say("Starting to serve on \(socket)\n")
    while true {
      watch.wait()
      try loop.submit {
        server.value.readFaults()
        server.value.look()
      }.wait()
    }
  }
}

/// A connection to the proxy.
final class DemoRequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let server: DemoServer
  private var target: String?

  init(_ server: DemoServer) { self.server = server }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): target = head.method == .GET ? head.uri : nil
    case .body: break
    case .end:
      let connection = DemoConnection(context.channel)
      guard let target else { return connection.refuse(.forbidden, "Forbidden") }
      server.answer(target, connection)
    }
  }

  func channelInactive(context: ChannelHandlerContext) { server.forget(ObjectIdentifier(context.channel)) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// The destination of a response.
struct DemoConnection {
  private let channel: any Channel

  init(_ channel: any Channel) { self.channel = channel }

  var id: ObjectIdentifier { ObjectIdentifier(channel) }

  func begin(_ status: HTTPResponseStatus = .ok, type: String = "application/json") {
    let head = HTTPResponseHead(version: .http1_1, status: status, headers: ["Content-Type": type])
    channel.write(HTTPServerResponsePart.head(head), promise: nil)
    channel.flush()
  }

  func say(_ text: String) {
    guard !text.isEmpty else { return }
    channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
  }

  func end() {
    let channel = channel
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
  }

  func refuse(_ status: HTTPResponseStatus, _ text: String) {
    begin(status, type: "text/plain")
    say(text)
    end()
  }

  /// Sends an error, with kubectl's message converted back to the server's.
  func refuse(_ error: DemoError) {
    let prefix = "Error from server ("
    guard error.text.hasPrefix(prefix), let close = error.text.firstRange(of: "): ") else {
      let isRefused = error.text.contains("was refused")
      let server = error.text.split(separator: " ").first { $0.contains(":") } ?? "127.0.0.1:6443"
      return refuse(
        .internalServerError, isRefused ? "dial tcp \(server): connect: connection refused" : error.text)
    }
    let reason = String(error.text[..<close.lowerBound].dropFirst(prefix.count))
    let codes: [String: HTTPResponseStatus] = [
      "NotFound": .notFound, "BadRequest": .badRequest, "Forbidden": .forbidden,
    ]
    let status = codes[reason] ?? .internalServerError
    begin(status)
    say(
      JSONValue.object([
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": .string(reason),
        "message": .string(String(error.text[close.upperBound...])), "code": .int(Int(status.code)),
      ]).encoded())
    end()
  }
}
