/// A log that is followed through the demo's proxy.
final class DemoFollower {
  let connection: DemoConnection
  let request: DemoLogRequest
  /// Everything up to this second of the demo was reported.
  private(set) var told: Double
  /// The lines of a runner that are not reported yet; nil for a log that is generated on demand.
  private var lines: [(time: Double, text: String)]?
  /// When its pod is deleted; nil if that must be looked up.
  private(set) var end: Double?
  /// When its next line is due.
  private(set) var due = Double.infinity

  init(_ connection: DemoConnection, _ request: DemoLogRequest, told: Double) {
    (self.connection, self.request, self.told) = (connection, request, told)
  }

  /// Whether all its lines are known, so that nothing must be looked up before its end.
  var isDecided: Bool { lines != nil }

  /// Sets the lines that a runner will write until its pod is deleted.
  func decide(_ whole: [(time: Double, text: String)], end: Double?) {
    self.end = end
    lines = whole.filter { $0.time > told }
    due = lines?.map(\.time).min() ?? .infinity
  }

  /// Reports the known lines that are due.
  func tell(_ world: DemoWorld) {
    guard due <= world.now, let lines else { return }
    self.lines = lines.filter { $0.time > world.now }
    due = self.lines?.map(\.time).min() ?? .infinity
    say(lines.filter { $0.time <= world.now }, world)
  }

  /// Reports the new lines of a log that is generated on demand.
  func tell(_ new: [(time: Double, text: String)], _ world: DemoWorld) {
    say(new.filter { $0.time > told && $0.time <= world.now }, world)
  }

  private func say(_ lines: [(time: Double, text: String)], _ world: DemoWorld) {
    told = world.now
    connection.say(request.text(lines, world))
  }
}
