import Engine

/// Where the reader is in the timeline.
package struct TimelineState: Sendable, Equatable {
  /// How much time is shown: a place in `TimelineWindow.spans`.
  package var zoom = 2
  /// The last moment that is shown, in seconds since 1970; nil follows the clock.
  package var moment: Int64?
  /// The runner whose bar is selected; nil for the one that started last of those in sight.
  package var selected: String?
  /// The place among the clusters of the one that runner is in.
  package var cluster = 0
  /// The first row that is shown.
  package var offset = 0

  package init() {}

  /// Seconds that are shown.
  package var span: Int64 { TimelineWindow.spans[max(0, min(zoom, TimelineWindow.spans.count - 1))] }
}
