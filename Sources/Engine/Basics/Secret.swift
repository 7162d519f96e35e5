/// A value that must not be shown. Its description, its dump and its mirror say only that it is there.
package struct Secret: Sendable, Equatable {
  private let value: String

  /// Wraps a secret text.
  package init(_ value: String) { self.value = value }

  /// The secret itself. Call it only where the value goes to its destination.
  package func reveal() -> String { value }

  /// Whether there is nothing in it.
  package var isEmpty: Bool { value.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// A fixed mask.
  package var description: String { "••••••" }
  /// A fixed mask.
  package var debugDescription: String { "Secret(••••••)" }
  /// An empty mirror, so that `dump` shows nothing.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
