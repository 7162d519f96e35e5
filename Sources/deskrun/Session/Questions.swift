import Engine

/// Whether somebody can be asked for arguments that are missing. The program says so at its start; where it does not, as
/// in tests, nobody is asked.
package enum Questions {
  private static let allowed = Lock(false)

  /// From now on questions may be asked.
  package static func allow(_ isAllowed: Bool) { allowed.withLock { $0 = isAllowed } }

  package static var areAllowed: Bool { allowed.withLock { $0 } }
}
