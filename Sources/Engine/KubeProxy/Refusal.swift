import Basics
import NIOHTTP1

/// An error response, worded as kubectl words it: the rules that explain a failed kubectl apply to it too.
struct Refusal {
  /// Maximum number of bytes to read from an error response.
  static let limit = 64 << 10

  let text: String

  /// Whether the server was not reached: the response is the proxy's.
  var isUnreachable: Bool { text.hasPrefix(Self.noConnection) }

  init(_ head: HTTPResponseHead, _ body: [UInt8]) {
    let code = Int(head.status.code)
    if let status = try? JSONValue(parsing: body), status["kind"] == "Status" {
      text = Self.text(code, reason: status["reason"]?.stringValue ?? "", status["message"]?.stringValue ?? "")
    } else {
      text = Self.text(
        code, plain: String(decoding: body, as: UTF8.self), isServers: head.headers.contains(name: "Audit-Id"))
    }
  }

  private static let noConnection = "Unable to connect to the server: "
  private static let unauthorized = "error: You must be logged in to the server"

  private static func text(_ code: Int, reason: String, _ message: String) -> String {
    if code == 401 { return "\(unauthorized) (Unauthorized)" }
    return reason.isEmpty ? "Error from server: \(message)" : "Error from server (\(reason)): \(message)"
  }

  /// A response that is not an API document comes from the server's outer layers, or from the proxy if it could not
  /// reach the server.
  private static func text(_ code: Int, plain: String, isServers: Bool) -> String {
    let plain = plain.split(whereSeparator: \.isNewline).joined(separator: " ")
    switch code {
    case 401: return "\(unauthorized) (\(plain))"
    case 403: return "Error from server (Forbidden): \(plain)"
    case 404: return "Error from server (NotFound): the server could not find the requested resource"
    case 410: return "Error from server (Expired): \(plain)"
    case 429: return "Error from server (TooManyRequests): \(plain)"
    case 500 where !isServers && !plain.hasPrefix("[+]") && !plain.hasPrefix("[-]"), 502:
      return noConnection + plain
    case 503: return "Error from server (ServiceUnavailable): the server is currently unable to handle the request"
    case 504: return "Error from server (Timeout): the server was unable to return a response in the time allotted"
    default:
      return code >= 500
        ? "Error from server (InternalError): an error on the server (\"\(plain)\") has prevented the request from succeeding"
        : "Error from server: \(plain.isEmpty ? "HTTP status \(code)" : plain)"
    }
  }
}
