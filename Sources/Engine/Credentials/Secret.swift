/// A value that must not be shown. Its description, its dump and its mirror say only that it is there.
public struct Secret: Sendable, Equatable {
  private let value: String

  /// Wraps a secret text.
  public init(_ value: String) { self.value = value }

  /// The secret itself. Call it only where the value goes to its destination.
  public func reveal() -> String { value }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { value.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// A fixed mask.
  public var description: String { "••••••" }
  /// A fixed mask.
  public var debugDescription: String { "Secret(••••••)" }
  /// An empty mirror, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
