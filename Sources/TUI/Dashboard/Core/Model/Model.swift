import Engine
import TerminalKit

/// Everything the dashboard knows, as a value. `update` changes it, `render` draws it; neither does anything else.
package struct Model: Sendable {
  package var settings: Settings
  package var size: Size
  /// Seconds since 1970.
  package var now: Int64

  // MARK: What is known
  /// The clusters, each with what is known of it; at least one. One added later is the last.
  package internal(set) var clusters: [ShownCluster]
  /// What is configured, on all clusters; nil until it was read.
  var whole: Configuration?
  /// What all of them show together.
  package internal(set) var joined = JoinedView()
  package var checks: [DoctorCheck]?
  package var isExamining = false
  package var busyHistory = BusyHistory()
  /// What Kubernetes reported on all clusters, the oldest first.
  package internal(set) var events: [Located<KubeEvent>] = []

  // MARK: Where the reader is
  package let panes: PaneSet
  package var focus = Place.first {
    didSet { if focus != .bottom { (lookedFrom, returnsTo) = (focus, nil) } }
  }
  /// The pane above from which the reader came to the one at the bottom: what it shows belongs there, and back leads there.
  package private(set) var lookedFrom = Place.first
  /// The tab from which what is shown in this one was opened: back leads there.
  package var returnsTo: PaneID?
  package var isZoomed = false
  /// The tab that is shown.
  package var tab: PaneID
  /// Where everything is, as it follows from the rest: worked out once after each message.
  package internal(set) var layout = Layout()
  /// The installation the runners are narrowed to.
  package var scope: InstallationScope?
  /// The cluster that everything is narrowed to, by its place among the clusters.
  package var clusterScope: Int?
  /// Where the reader is in each table.
  package var tables: [PaneID: TableState] = [:]
  /// The rows of each table, an array of `TablePane.Row`.
  var rows: [PaneID: any Sendable] = [:]
  /// What panes worked out, each with what it follows from.
  var facts: [PaneID: (version: String, value: any Sendable)] = [:]
  package var showsOnlyFailed = false
  /// The share of the bottom pane in percent, where it was chosen.
  var bottomShare: Int?
  /// The rows that the panes above need.
  var need = RowNeed()
  package var log = LogState()
  package var timeline = TimelineState()
  package var details = TextPage(title: "", text: "")
  package var activities: [Activity] = []
  /// Limits that keys have changed and no plan carries out yet, by installation.
  package var pendingScalings: [String: PendingScaling] = [:]
  package var shownActivity: Int?

  // MARK: What lies above
  package var overlays: [Overlay] = []
  /// The lines of the form that is uppermost, laid out once after each message.
  var formView: FormView?
  /// A form that was left before it was done.
  package var draft: FormState?
  package var toasts: [Toast] = []
  var rings = false
  /// The colours that were chosen in a dashboard, this one or an earlier one: what is remembered.
  var chosenTheme: String?

  /// Effects of the update that is under way.
  package var effects: [Effect] = []
  private var lastNumber = 0

  /// - Parameter clusters: those to show; the one of the settings where none is named.
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
    self.clusters = seats.map { ShownCluster($0, identity: settings.identity) }
    for (id, name) in panes.remembered {
      // A column that a later version had is none.
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

  /// A number for a question, so that its answer is told from older ones.
  package mutating func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// What is to be remembered.
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
