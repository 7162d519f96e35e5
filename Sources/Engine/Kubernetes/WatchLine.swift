import Basics

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Reads the lines of a watch.
enum WatchLine<Object: ScannedObject> {
  /// Reads a line; nil for bookmarks, which only show that the server is alive.
  ///
  /// - Throws: `WatchFailure`.
  package static func event(_ line: ArraySlice<UInt8>) throws(WatchFailure) -> WatchEvent<Object>? {
    let read: Result<WatchEvent<Object>?, WatchFailure>?
    do { read = try JSONScanner.scan(line) { event(&$0) } } catch {
      throw .notJSON(line: shown(line))
    }
    guard let read else { throw .notJSON(line: shown(line)) }
    return try read.get()
  }

  /// The start of an invalid line.
  private static func shown(_ line: ArraySlice<UInt8>) -> String {
    let text = SafeText.line(String(decoding: line.prefix(400), as: UTF8.self)).prefix(120)
    return text.isEmpty ? "(nothing readable)" : String(text) + (line.count > 120 ? " …" : "")
  }

  private static func event(_ scanner: inout JSONScanner) -> Result<WatchEvent<Object>?, WatchFailure>? {
    var type: String?
    var read: Result<WatchEvent<Object>?, WatchFailure>?
    // All servers write the type first; if it is not, the object is read again afterwards.
    var object: JSONScanner?
    scanner.object { key, value in
      switch key {
      case "type": type = value.string()
      case "object":
        if let type { read = content(type, &value) } else { object = value }
      default: break
      }
    }
    if read == nil, let type, var object { read = content(type, &object) }
    // Events of an unknown type are ignored.
    return read ?? type.map { _ in .success(nil) }
  }

  private static func content(
    _ type: String, _ scanner: inout JSONScanner
  ) -> Result<WatchEvent<Object>?, WatchFailure> {
    switch type {
    case "ADDED", "MODIFIED": return .success(.put(Object(&scanner)))
    case "DELETED": return .success(.gone(Object(&scanner)))
    case "BOOKMARK":
      var endsList = false
      scanner.object { key, value in
        guard case "metadata" = key else { return }
        value.object { key, value in
          guard case "annotations" = key else { return }
          value.object { key, value in
            if case "k8s.io/initial-events-end" = key { endsList = value.string() == "true" }
          }
        }
      }
      return .success(endsList ? .listEnds : nil)
    case "ERROR":
      var (message, code) = (String?.none, Int?.none)
      scanner.object { key, value in
        switch key {
        case "message": message = value.string()
        case "code": code = value.int()
        default: break
        }
      }
      return .failure(.ended(code: code, message: SafeText.line(message ?? "it gave no reason")))
    default: return .success(nil)
    }
  }

  /// The resource version in a line, to resume the watch from. Found by searching the text: the object itself was read
  /// already, and of a list of thousands only the last version is needed. The server rejects a wrong one, which costs a
  /// list.
  package static func version(_ line: ArraySlice<UInt8>) -> String? {
    let key = Array("\"resourceVersion\"".utf8)
    return line.withUnsafeBytes { bytes -> String? in
      guard let base = bytes.baseAddress else { return nil }
      var at = 0
      // V is rarer than the other letters.
      while at < bytes.count, let found = memchr(base + at, Int32(UInt8(ascii: "V")), bytes.count - at) {
        let place = UnsafeRawPointer(found) - base
        at = place + 1
        let start = place - 9
        guard start >= 0, start + key.count < bytes.count, bytes[start..<start + key.count].elementsEqual(key) else {
          continue
        }
        // Servers other than Kubernetes' own may write a space after the colon.
        let rest = bytes[(start + key.count)...].drop { $0 == UInt8(ascii: " ") }
        guard rest.first == UInt8(ascii: ":") else { continue }
        let value = rest.dropFirst().drop { $0 == UInt8(ascii: " ") }
        guard value.first == UInt8(ascii: "\"") else { continue }
        let digits = value.dropFirst().prefix(40).prefix { $0 != UInt8(ascii: "\"") }
        guard !digits.isEmpty, digits.endIndex < bytes.count, bytes[digits.endIndex] == UInt8(ascii: "\""),
          digits.allSatisfy({ $0.isASCIILetterOrDigit })
        else { continue }
        return String(decoding: digits, as: UTF8.self)
      }
      return nil
    }
  }
}
