import Foundation

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Writes a response, with or without HTTP chunks.
struct FakeOutput {
  /// The reader has closed the connection.
  struct Closed: Error {}

  let descriptor: Int32
  private let isChunked: Bool

  init(_ descriptor: Int32, isChunked: Bool) { (self.descriptor, self.isChunked) = (descriptor, isChunked) }

  func write(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard isChunked else { return try write(bytes) }
    guard !bytes.isEmpty else { return }
    try write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [0x0D, 0x0A])
  }

  func begin() throws {
    try write(Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".utf8))
  }

  /// Waits, and throws if the reader closes the connection meanwhile.
  func wait(seconds: Int32) throws {
    var reader = pollfd(fd: descriptor, events: 0, revents: 0)
    guard poll(&reader, 1, seconds * 1000) == 0 else { throw Closed() }
  }

  func end() throws { try write(Array("0\r\n\r\n".utf8)) }

  private func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { buffer -> Int in
        #if canImport(Darwin)
        Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #else
        Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Closed() }
      rest = rest.dropFirst(count)
    }
  }
}

/// The fake's `kubectl proxy`: a single process with a thread per response, because most responses only wait.
enum FakeProxy {
  typealias Answer = @Sendable (_ path: String, _ out: FakeOutput) throws -> Void

  /// Serves until the process is killed.
  static func serve(at path: String, _ answer: @escaping Answer) -> Never {
    #if canImport(Darwin)
    let server = socket(AF_UNIX, SOCK_STREAM, 0)
    #else
    let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard server >= 0, path.utf8.count < room else { fail("the socket") }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let isBound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isBound, listen(server, 512) == 0 else { fail("the socket") }
    FileHandle.standardOutput.write(Data("Starting to serve on \(path)\n".utf8))
    while true {
      let connection = accept(server, nil, nil)
      guard connection >= 0 else { continue }
      let thread = Thread {
        let out = FakeOutput(connection, isChunked: true)
        if let target = target(of: connection) {
          try? out.begin()
          if (try? answer(target, out)) != nil { try? out.end() }
        }
        close(connection)
      }
      thread.stackSize = 512 << 10
      thread.start()
    }
  }

  /// The path of a request; nil if there is none.
  private static func target(of connection: Int32) -> String? {
    var head: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !contains(head, [0x0D, 0x0A, 0x0D, 0x0A]) {
      let count = read(connection, &buffer, buffer.count)
      guard count > 0, head.count < 1 << 16 else { return nil }
      head += buffer[..<count]
    }
    let words = String(decoding: head, as: UTF8.self).split(separator: " ", maxSplits: 2)
    return words.count == 3 && words[0] == "GET" ? String(words[1]) : nil
  }

  private static func fail(_ what: String) -> Never {
    FileHandle.standardError.write(Data("error: \(what): \(String(cString: strerror(errno)))\n".utf8))
    exit(1)
  }
}
