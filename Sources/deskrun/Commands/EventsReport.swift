import CommandOutput
import Engine

/// What `deskrun events` writes. Its JSON is documented in docs/output.md.
enum EventsReport {
  /// - Parameter isFirst: false for what comes later with `--watch`: no titles then, and a JSON document a line.
  static func write(
    _ events: [KubeEvent], context: String, _ form: OutputForm, isFirst: Bool, to console: Console
  ) throws {
    var form = form
    if !isFirst {
      form.headers = false
      if form.format == .json {
        for event in events { try console.write(PrintableText(json: document(event, context), pretty: false)) }
        return
      }
    }
    try listing(events, context: context).write(form, to: console)
  }

  static func listing(_ events: [KubeEvent], context: String) -> Listing {
    var table = Table([
      .init("TIME"), .init("TYPE"), .init("REASON"), .init("OBJECT", minimum: 24), .init("COUNT", .trailing),
      .init("MESSAGE", below: ""),
    ])
    for event in events {
      table.add([
        .init(event.last.map { LocalClock.moment($0) } ?? "-"),
        .init(event.type, event.isWarning ? .warning : .faint), .init(event.reason),
        .init("\(event.kind.lowercased())/\(ScaleSetID.text(event.object, in: event.namespace))"),
        .init(String(event.count)), .init(event.message),
      ])
    }
    return Listing(
      table: table, document: ["events": .array(events.map { document($0, context) })], names: events.map(\.object),
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
