import Basics

/// A chart's message about rejected values.
struct ChartRefusal {
  /// The path of the value, separated by dots: `listenerConfig.scaler.qps`.
  var key: String
  /// The error in the chart's words.
  var reason: String

  /// Parses a rejection by `values.schema.json`: after a heading with the chart's name, there is a line for each value,
  /// `- at '/listenerConfig/scaler/qps': minimum: got 0, want 1`, or `- listenerConfig.scaler.qps: Invalid type. …` as
  /// written by Helm up to 3.17. Nil if no line has that format.
  static func schema(_ text: String) -> ChartRefusal? {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
    guard let heading = lines.firstIndex(where: { $0.contains("don't meet the specifications of the schema") }) else {
      return nil
    }
    for line in lines[(heading + 1)...] where line.hasPrefix("- ") {
      var rest = line.dropFirst(2)
      if rest.hasPrefix("at '"), let end = rest.dropFirst(4).firstIndex(of: "'") {
        let path = rest[rest.index(rest.startIndex, offsetBy: 4)..<end]
        rest = rest[rest.index(after: end)...]
        if rest.hasPrefix(": ") { rest = rest.dropFirst(2) }
        let key = path.split(separator: "/").joined(separator: ".")
        return ChartRefusal(key: key.isEmpty ? "the values" : key, reason: String(rest))
      }
      if let colon = rest.firstIndex(of: ":") {
        let key = String(rest[..<colon])
        return ChartRefusal(
          key: key == "(root)" ? "the values" : key,
          reason: String(rest[rest.index(after: colon)...].drop(while: \.isWhitespace)))
      }
    }
    return nil
  }

  /// Parses a rejection by a template: `execution error at (CHART/templates/FILE:7:5): .Values.labels: invalid value
  /// …`. Nil if the message does not name a key of the values.
  static func template(_ line: String) -> ChartRefusal? {
    guard let marker = line.firstRange(of: "): .Values.") else { return nil }
    let rest = line[marker.upperBound...]
    let key = rest.prefix { !$0.isWhitespace && $0 != ":" }
    let reason = rest.dropFirst(key.count).drop { $0 == ":" || $0.isWhitespace }
    guard !key.isEmpty, !reason.isEmpty else { return nil }
    return ChartRefusal(key: String(key), reason: String(reason))
  }

  /// The error to report.
  func error() -> EngineError {
    EngineError(
      .invalid, "The chart refuses the value of \(key)", why: reason,
      fix: "Correct \(key) in the file given with --values, or leave it out")
  }
}
