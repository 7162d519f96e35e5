/// A log that is followed at the demo's proxy.
final class DemoFollower {
  let connection: DemoConnection
  let request: DemoLogRequest
  /// The demo's second until which everything was told.
  private(set) var told: Double
  /// What a runner says that is not told yet; nil for a log that is decided as it goes.
  private var lines: [(time: Double, text: String)]?
  /// When its pod is gone; nil when that has to be looked for.
  private(set) var end: Double?
  /// When the next of its lines is due.
  private(set) var due = Double.infinity

  init(_ connection: DemoConnection, _ request: DemoLogRequest, told: Double) {
    (self.connection, self.request, self.told) = (connection, request, told)
  }

  /// Whether everything it will say is known, so that nothing has to be asked for before its end.
  var isDecided: Bool { lines != nil }

  /// Says what a runner will say until its pod is gone.
  func decide(_ whole: [(time: Double, text: String)], end: Double?) {
    self.end = end
    lines = whole.filter { $0.time > told }
    due = lines?.map(\.time).min() ?? .infinity
  }

  /// Tells what is due of what is decided.
  func tell(_ world: DemoWorld) {
    guard due <= world.now, let lines else { return }
    self.lines = lines.filter { $0.time > world.now }
    due = self.lines?.map(\.time).min() ?? .infinity
    say(lines.filter { $0.time <= world.now }, world)
  }

  /// Tells these lines of a log that is decided as it goes, as far as they are new.
  func tell(_ new: [(time: Double, text: String)], _ world: DemoWorld) {
    say(new.filter { $0.time > told && $0.time <= world.now }, world)
  }

  private func say(_ lines: [(time: Double, text: String)], _ world: DemoWorld) {
    told = world.now
    connection.say(request.text(lines, world))
  }
}
