import DashboardCore

/// All panes. A new pane needs a file or folder, and a line here.
package enum Panes {
  package static let all = PaneSet(
    first: InstallationsPane(), second: RunnersPane(),
    tabs: [
      LogsPane(), EventsPane(), JobsPane(), TimelinePane(), FindingsPane(), ClustersPane(), ActivityPane(),
      DetailsPane(),
    ])
}
