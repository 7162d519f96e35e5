import Engine

/// The visible part and selection of the timeline.
package struct TimelineState: Sendable, Equatable {
  /// The visible time span, as an index of `TimelineWindow.spans`.
  package var zoom = 2
  /// The end of the visible time, in seconds since 1970; nil follows the clock.
  package var moment: Int64?
  /// The runner whose bar is selected; nil for the most recently started visible one.
  package var selected: String?
  /// The index of that runner's cluster.
  package var cluster = 0
  /// The index of the first visible row.
  package var offset = 0

  package init() {}

  /// The visible time span in seconds.
  package var span: Int64 { TimelineWindow.spans[max(0, min(zoom, TimelineWindow.spans.count - 1))] }
}
