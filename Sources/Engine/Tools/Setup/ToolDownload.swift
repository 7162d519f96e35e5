import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Downloads files with curl, which uses this machine's proxies and certificates.
struct ToolDownload: Sendable {
  let runner: any ToolRunner
  let environment: [String: String]
  /// The absolute path of curl.
  let curl: String
  /// The only allowed protocol.
  let scheme: String

  /// The bytes received so far, and the total if the server reports it.
  typealias Progress = @Sendable (_ received: Int64, _ total: Int64?) -> Void

  /// How often a download is continued after its connection broke.
  private static let attempts = 3

  /// Downloads a small file as text.
  ///
  /// - Throws: `EngineError`, `CancellationError`.
  func text(_ url: String) async throws -> String {
    let call = ToolCall(
      curl, options + ["--max-time", "60", url], environment: environment, timeout: .seconds(90),
      outputLimit: 64 << 10)
    let result = try await runner.run(call)
    guard result.exit.isSuccess else { throw Self.failure(url, result) }
    return result.outputText
  }

  /// Downloads a file, without repeating what an earlier attempt left at `part`.
  ///
  /// - Throws: `EngineError`, `CancellationError`; what was downloaded so far is kept.
  func file(_ url: String, to part: String, progress: @escaping Progress) async throws {
    var canResume = true
    for attempt in 1... {
      let result = try await load(url, to: part, progress: progress)
      guard case .code(let code) = result.exit else { throw Self.failure(url, result) }
      if code == 0 { return }
      if canResume, code == 33 || (code == 22 && result.errorText.contains("416")) {
        // The server does not support ranges, or has nothing after what was downloaded: start over.
        unlink(part)
        canResume = false
        continue
      }
      guard Self.broken.contains(code), attempt < Self.attempts else { throw Self.failure(url, result) }
    }
  }

  /// curl's exit codes for a connection that ended or stalled in the middle.
  private static let broken: Set<Int32> = [18, 28, 52, 55, 56, 92]

  private var options: [String] {
    [
      // Must come first: .curlrc is not read, which could disable checks, as with `insecure`. A company's proxy and
      // certificates can be set in the environment.
      "--disable", "--fail", "--location", "--silent", "--show-error", "--proto", "=" + scheme, "--proto-redir",
      "=" + scheme, "--connect-timeout", "20",
    ]
  }

  private func load(_ url: String, to part: String, progress: @escaping Progress) async throws -> ToolResult {
    let headers = part + ".headers"
    unlink(headers)
    defer { unlink(headers) }
    let call = ToolCall(
      curl,
      options + [
        "--max-filesize", "536870912", "--speed-limit", "1000", "--speed-time", "60", "--continue-at", "-",
        "--dump-header", headers, "--output", part,
        url,
      ], environment: environment, timeout: .seconds(3600))
    return try await withThrowingTaskGroup(of: ToolResult?.self) { group in
      group.addTask { try await runner.run(call) }
      group.addTask {
        while true {
          progress(Self.size(of: part), Self.total(headers))
          try await Task.sleep(for: .milliseconds(200))
        }
      }
      defer { group.cancelAll() }
      guard let result = try await group.next() ?? nil else { throw CancellationError() }
      progress(Self.size(of: part), Self.total(headers))
      return result
    }
  }

  static func size(of path: String) -> Int64 {
    var info = stat()
    return stat(path, &info) == 0 ? Int64(info.st_size) : 0
  }

  /// The size of the whole file, according to the last response's headers, which follow those of redirects.
  private static func total(_ headers: String) -> Int64? {
    guard let bytes = (try? FileIO.read(headers, limit: 256 << 10)) ?? nil else { return nil }
    return total(headers: String(decoding: bytes, as: UTF8.self))
  }

  static func total(headers: String) -> Int64? {
    var total: Int64?
    for line in headers.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("HTTP/") { total = nil }
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = String(parts[1]).trimmingSpaces
      switch parts[0].lowercased() {
      case "content-length": total = total ?? Int64(value)
      // `bytes 100-199/200`
      case "content-range": total = value.split(separator: "/").last.flatMap { Int64($0) } ?? total
      default: break
      }
    }
    return total
  }

  private static func failure(_ url: String, _ result: ToolResult) -> EngineError {
    let what = "\(url) could not be downloaded"
    let words = result.errorText.split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    let said = words.hasPrefix("curl: ") ? String(words.dropFirst("curl: ".count)) : words
    let why = said.isEmpty ? "curl printed no message (\(result.exit))" : SafeText.line(said)
    guard case .code(let code) = result.exit else {
      return EngineError(
        result.exit == .timedOut ? .timedOut : .failed, what, why: why,
        fix: "Run `deskrun setup` again: it continues where this stopped")
    }
    switch code {
    case 5, 6, 7, 28:
      return EngineError(
        .unreachable, what, why: why,
        fix: "Check the network, and the proxy in HTTPS_PROXY (a .curlrc is not read), then run `deskrun setup` again")
    case 22:
      return EngineError(
        .failed, what, why: why,
        fix: "Check the network, and the proxy in HTTPS_PROXY (a .curlrc is not read), or install the program another "
          + "way: `deskrun doctor`")
    case 23:
      return EngineError(.failed, what, why: why, fix: "Free space on the disk, then run `deskrun setup` again")
    case 35, 51, 58, 60, 77, 83:
      return EngineError(
        .unreachable, what, why: why,
        fix: "This computer does not trust the server's certificate: add that of the proxy that opens TLS "
          + "(CURL_CA_BUNDLE), and check the clock")
    default:
      return EngineError(
        .unreachable, what, why: why, fix: "Run `deskrun setup` again: it continues where this stopped")
    }
  }
}
