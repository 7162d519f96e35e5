/// Whether a command is available, and if not, why.
package enum Availability: Equatable, Sendable {
  case yes
  case no(String)
}

extension Model {
  package func availability(_ command: Command) -> Availability {
    if command.changes, settings.isReadOnly { return .no("started with --read-only") }
    if command == .filter, focusedPane.filter(self) == nil { return .no("there are no rows to choose from") }
    if let overlay = overlays.last?.content, let answer = overlay.availability(command) { return answer }
    return clusterAvailability(command) ?? firstAnswer { $0.availability(command, self) } ?? .yes
  }
}
