/// A value that must not be shown. Its description, dump and mirror reveal only that it exists.
package struct Secret: Sendable, Equatable {
  private let value: String

  package init(_ value: String) { self.value = value }

  /// The secret itself. Call this only where the value goes to its destination.
  package func reveal() -> String { value }

  /// Whether the secret is empty.
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
