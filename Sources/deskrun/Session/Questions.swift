import Engine

/// Whether missing arguments may be requested interactively. The program enables it at its start; otherwise, as in
/// tests, nobody is asked.
package enum Questions {
  private static let allowed = Lock(false)

  /// From now on, questions are allowed or not.
  package static func allow(_ isAllowed: Bool) { allowed.withLock { $0 = isAllowed } }

  package static var areAllowed: Bool { allowed.withLock { $0 } }
}
