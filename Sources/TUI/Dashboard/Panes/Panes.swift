import DashboardCore

/// The panes there are. A new one is a file, or a folder, and a line here.
package enum Panes {
  package static let all = PaneSet(
    first: InstallationsPane(), second: RunnersPane(),
    tabs: [
      LogsPane(), EventsPane(), JobsPane(), TimelinePane(), FindingsPane(), ClustersPane(), ActivityPane(),
      DetailsPane(),
    ])
}
