import Synchronization

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// Which characters the terminal can show, and the locale for them. Everything that chooses between Unicode and ASCII
/// symbols asks here, so that commands and the dashboard agree.
package enum CharacterLocale {
  /// What the system says about a locale.
  package enum Answer: Sendable, Equatable {
    case missing, utf8, other
  }

  private static let known = Lock<[String: Answer]>([:])

  /// The name of the UTF-8 locale that this environment asks for; nil if it asks for another encoding or the system has
  /// no such locale. A UTF-8 locale that is requested but not installed, as after `ssh` from a machine in another
  /// language, is replaced by one that is: all of them have the same characters.
  package static func utf8(_ environment: [String: String]) -> String? { utf8(environment, look) }

  package static func utf8(_ environment: [String: String], _ look: (String) -> Answer) -> String? {
    // The first of these that is set and not empty wins, as in setlocale(3).
    let names = ["LC_ALL", "LC_CTYPE", "LANG"]
    guard let wanted = names.compactMap({ environment[$0] }).first(where: { !$0.isEmpty }) else { return nil }
    switch look(wanted) {
    case .utf8: return wanted
    case .other: return nil
    case .missing:
      guard namesUTF8(wanted) else { return nil }
      return ["C.UTF-8", "C.utf8", "en_US.UTF-8"].first { look($0) == .utf8 }
    }
  }

  /// Asks the C library, once per name: it reads files for this.
  private static func look(_ name: String) -> Answer {
    if let answer = known.withLock({ $0[name] }) { return answer }
    let answer = ask(name)
    known.withLock { $0[name] = answer }
    return answer
  }

  /// What setlocale(3) would answer, without changing the process locale, which all threads share.
  private static func ask(_ name: String) -> Answer {
    #if STATIC_EXECUTABLE
    // The static C library (CStandalone) has UTF-8 and ASCII built in, whatever locales the system has.
    return namesUTF8(name) ? .utf8 : .other
    #else
    // The macro LC_CTYPE_MASK is not imported on all platforms.
    #if canImport(Darwin)
    let mask: Int32 = 1 << 1
    #else
    let mask: Int32 = 1 << LC_CTYPE
    #endif
    guard let locale = newlocale(mask, name, nil) else { return .missing }
    defer { freelocale(locale) }
    guard let codeset = nl_langinfo_l(nl_item(CODESET), locale) else { return .other }
    let charset = String(cString: codeset).lowercased()
    return charset == "utf-8" || charset == "utf8" ? .utf8 : .other
    #endif
  }

  /// Whether a locale name contains UTF-8, as in `de_DE.UTF-8`.
  private static func namesUTF8(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }
}
