import Basics
import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A file server on this computer that supports ranges and can interrupt responses.
public final class LoopbackServer: Sendable {
  private struct State {
    var files: [String: [UInt8]] = [:]
    var breaks: [String: [Int]] = [:]
    var log: [String] = []
  }
  private let address: sockaddr_in
  private let state = Lock(State())
  /// Its address: `http://127.0.0.1:PORT`.
  public let url: String

  /// Listens on a free port of the loopback interface.
  public init() throws {
    let listener = Self.socketOfItsOwn()
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else {
      close(listener)
      throw POSIXError(.EADDRNOTAVAIL)
    }
    self.address = address
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    Thread.detachNewThread { [weak self] in
      // The listening socket is closed in this thread: otherwise the next server could get the same descriptor, and
      // this thread would take its connection.
      defer { close(listener) }
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0, errno == EINTR { continue }
        guard connection >= 0, let self else {
          if connection >= 0 { close(connection) }
          return
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        self.answer(connection)
        close(connection)
      }
    }
  }

  deinit {
    // Ends the thread with a last connection that gets no response.
    let waking = Self.socketOfItsOwn()
    var address = address
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = connect(waking, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    close(waking)
  }

  private static func socketOfItsOwn() -> Int32 {
    #if canImport(Darwin)
    let made = socket(AF_INET, SOCK_STREAM, 0)
    #else
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    _ = fcntl(made, F_SETFD, FD_CLOEXEC)
    return made
  }

  /// Serves bytes at a path, given without its leading slash.
  ///
  /// - Parameter breaksAfter: for each of the first requests, the number of response bytes after which the connection
  ///   is closed.
  public func serve(_ bytes: [UInt8], at path: String, breaksAfter: [Int] = []) {
    state.withLock { state in
      state.files[path] = bytes
      state.breaks[path] = breaksAfter
    }
  }

  /// The requests: `PATH` or `PATH from BYTE`.
  public var requests: [String] { state.withLock { $0.log } }

  private func answer(_ connection: Int32) {
    var request: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { return }
      request += chunk[..<count]
    }
    let lines = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n")
    let path = String(lines[0].split(separator: " ")[1].dropFirst())
    let range = lines.first { $0.lowercased().hasPrefix("range: bytes=") }
    let start = range.flatMap { Int($0.dropFirst("range: bytes=".count).prefix { $0.isNumber }) } ?? 0
    let (bytes, limit) = state.withLock { state -> ([UInt8]?, Int?) in
      state.log.append(start > 0 ? "\(path) from \(start)" : path)
      let limit = state.breaks[path]?.isEmpty == false ? state.breaks[path]?.removeFirst() : nil
      return (state.files[path], limit)
    }
    guard let bytes else {
      return send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", [], connection)
    }
    guard start < bytes.count || start == 0 else {
      return send(
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", [], connection)
    }
    let rest = bytes[start...]
    let status =
      start > 0
      ? "206 Partial Content\r\nContent-Range: bytes \(start)-\(bytes.count - 1)/\(bytes.count)" : "200 OK"
    send(
      "HTTP/1.1 \(status)\r\nContent-Length: \(rest.count)\r\nConnection: close\r\n\r\n",
      Array(rest.prefix(limit ?? rest.count)), connection)
  }

  private func send(_ head: String, _ body: [UInt8], _ connection: Int32) {
    var rest = (Array(head.utf8) + body)[...]
    while !rest.isEmpty {
      #if canImport(Darwin)
      let flags: Int32 = 0
      #else
      let flags = Int32(MSG_NOSIGNAL)
      #endif
      let count = rest.withUnsafeBytes { systemSend(connection, $0.baseAddress, $0.count, flags) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}

/// The system's `send`, which is hidden by a method of the server.
private func systemSend(_ socket: Int32, _ bytes: UnsafeRawPointer?, _ count: Int, _ flags: Int32) -> Int {
  send(socket, bytes, count, flags)
}
