/// Durations in words, for sentences.
package enum DurationWords {
  /// "45 s", "3 min", "6 h".
  package static func text(_ duration: Duration) -> String {
    let seconds = duration.components.seconds
    if seconds >= 7200 { return "\(seconds / 3600) h" }
    if seconds >= 120 { return "\(seconds / 60) min" }
    return "\(seconds) s"
  }
}
