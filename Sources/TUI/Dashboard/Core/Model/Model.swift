import Engine
import TerminalKit

/// The dashboard's whole state, as a value. `update` changes it, `render` draws it; neither has other effects.
package struct Model: Sendable {
  package var settings: Settings
  package var size: Size
  /// The current time, in seconds since 1970.
  package var now: Int64

  // MARK: Clusters and configuration
  /// The clusters with their state; at least one. Clusters added later are appended.
  package internal(set) var clusters: [ShownCluster]
  /// The configuration for all clusters; nil until it was read.
  var whole: Configuration?
  /// Which contexts fail or mean another cluster, while another one shows their installations.
  package internal(set) var failing = FailingContexts()
  /// What `failing` follows from, apart from the configuration; nil if it must be found out again.
  var answersOfContexts: [FailingContexts.Answer]?
  /// The combined view of all clusters.
  package internal(set) var joined = JoinedView()
  package var checks: [DoctorCheck]?
  package var isExamining = false
  package var busyHistory = BusyHistory()
  /// The Kubernetes events on all clusters, oldest first.
  package internal(set) var events: [Located<KubeEvent>] = []

  // MARK: Navigation
  package let panes: PaneSet
  package var focus = Place.first {
    didSet { if focus != .bottom { (lookedFrom, returnsTo) = (focus, nil) } }
  }
  /// The upper pane from which the user switched to the bottom pane. The bottom pane's contents belong to it, and
  /// "back" returns to it.
  package private(set) var lookedFrom = Place.first
  /// The tab from which the current tab's content was opened; "back" returns to it.
  package var returnsTo: PaneID?
  package var isZoomed = false
  /// The visible tab.
  package var tab: PaneID
  /// The layout, which is derived from the rest once after each message.
  package internal(set) var layout = Layout()
  /// The installation that the list of runners is restricted to.
  package var scope: InstallationScope?
  /// The index of the cluster that everything is restricted to.
  package var clusterScope: Int?
  /// The selection and scroll position of each table.
  package var tables: [PaneID: TableState] = [:]
  /// The rows of each table, an array of `TablePane.Row`.
  var rows: [PaneID: any Sendable] = [:]
  /// Values computed by panes, each with a version of what it depends on.
  var facts: [PaneID: (version: String, value: any Sendable)] = [:]
  package var showsOnlyFailed = false
  /// The height of the bottom pane in percent, if the user chose it.
  var bottomShare: Int?
  /// The number of rows that the upper panes need.
  var need = RowNeed()
  package var log = LogState()
  package var timeline = TimelineState()
  package var details = TextPage(title: "", text: "")
  package var activities: [Activity] = []
  /// Limits changed by keys that are not yet part of a plan, by installation.
  package var pendingScalings: [String: PendingScaling] = [:]
  package var shownActivity: Int?

  // MARK: Overlays
  package var overlays: [Overlay] = []
  /// The lines of the topmost form, laid out once after each message.
  var formView: FormView?
  /// A form that was closed before it was submitted.
  package var draft: FormState?
  package var toasts: [Toast] = []
  var rings = false
  /// The theme chosen in this or an earlier dashboard, which is remembered.
  var chosenTheme: String?

  /// The effects of the current update.
  package var effects: [Effect] = []
  private var lastNumber = 0

  /// - Parameter clusters: the clusters to show; by default that of the settings.
  package init(
    settings: Settings, size: Size, now: Int64, interface: InterfaceState = InterfaceState(), panes: PaneSet,
    clusters: [ClusterSeat] = []
  ) {
    self.settings = settings
    self.size = size
    self.now = now
    self.panes = panes
    tab = panes.tabs[0].id
    let seats =
      clusters.isEmpty ? [ClusterSeat(target: settings.target, invocation: settings.invocation)] : clusters
    self.clusters = seats.map { ShownCluster($0, identity: settings.identity, namespace: settings.namespace) }
    ShownCluster.label(&self.clusters)
    for (id, name) in panes.remembered {
      // A column of a later version is ignored.
      if let sort = interface.sorts[name], panes[id].columns.indices.contains(sort) { self[table: id].sort = sort }
      self[table: id].isAscending = interface.isAscending[name] ?? true
    }
    self[table: panes.first.id].key = interface.selection
    self[table: panes.first.id].isChosen = interface.selection != nil
    bottomShare = interface.bottomShare
    log.wraps = interface.wraps
    log.showsTime = interface.showsTime
    rings = interface.bell
    chosenTheme = interface.theme
    layout = Layout(self)
  }

  /// A number for a request, which distinguishes its response from older ones.
  package mutating func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// The state to remember between runs.
  package var interface: InterfaceState {
    var state = InterfaceState()
    for (id, name) in panes.remembered {
      state.sorts[name] = self[table: id].sort
      state.isAscending[name] = self[table: id].isAscending
    }
    state.bottomShare = bottomShare
    state.wraps = log.wraps
    state.showsTime = log.showsTime
    state.bell = rings
    state.theme = chosenTheme
    state.selection = self[table: panes.first.id].key
    return state
  }
}
