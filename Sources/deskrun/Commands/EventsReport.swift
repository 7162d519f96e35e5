import CommandOutput
import Engine

/// The output of `deskrun events`. Its JSON is documented in docs/output.md.
enum EventsReport {
  /// - Parameters:
  ///   - events: each with its cluster's context.
  ///   - isFirst: false for later events with `--watch`: without column titles, and one JSON document per line.
  ///   - title: the cluster, shown before each line of later events.
  static func write(
    _ events: [(KubeEvent, String)], _ form: OutputForm, isFirst: Bool, title: String? = nil, to console: Console
  ) throws {
    var form = form
    if !isFirst {
      form.headers = false
      if form.format == .json {
        for (event, context) in events {
          try console.write(PrintableText(json: document(event, context), pretty: false))
        }
        return
      }
    }
    try listing(events, title: title).write(form, to: console)
  }

  static func listing(_ events: [(KubeEvent, String)], title: String? = nil) -> Listing {
    var table = Table(
      (title == nil ? [] : [.init("CLUSTER")]) + [
        .init("TIME"), .init("TYPE"), .init("REASON"), .init("OBJECT", minimum: 24), .init("COUNT", .trailing),
        .init("MESSAGE", below: ""),
      ])
    for (event, _) in events {
      table.add(
        (title.map { [.init($0, .strong)] } ?? []) + [
          .init(event.last.map { LocalClock.moment($0) } ?? "-"),
          .init(event.type, event.isWarning ? .warning : .faint), .init(event.reason),
          .init("\(event.kind.lowercased())/\(ScaleSetID.text(event.object, in: event.namespace))"),
          .init(String(event.count)), .init(event.message),
        ])
    }
    return Listing(
      table: table, document: ["events": .array(events.map { document($0, $1) })], names: events.map(\.0.object),
      whenEmpty: "No events found.")
  }

  private static func document(_ event: KubeEvent, _ context: String) -> JSONValue {
    [
      "context": .string(context), "namespace": .string(event.namespace),
      "time": event.last.map { .string(Timestamp.text($0)) } ?? .null, "type": .string(event.type),
      "reason": .string(event.reason), "kind": .string(event.kind), "object": .string(event.object),
      "count": .int(event.count), "message": .string(event.message),
    ]
  }
}
