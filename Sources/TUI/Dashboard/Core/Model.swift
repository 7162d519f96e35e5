import Engine
import TerminalKit

/// What does not change while the dashboard runs, or only by a key.
package struct Settings: Sendable, Equatable {
  /// The colours.
  package var theme = Theme.terminal
  /// Whether the colours were chosen for this call, by an option or the environment.
  package var isThemeGiven = false
  /// Whether marks and lines outside ASCII are drawn.
  package var usesUnicode = true
  /// Whether colours are used at all.
  package var usesColor = true
  /// Whether nothing may be changed.
  package var isReadOnly = false
  /// Whether the mouse is asked for.
  package var usesMouse = true
  /// Whether the cluster is the simulated one.
  package var isDemo = false
  /// What commands that are shown have to repeat.
  package var invocation = Invocation()
  /// The kubeconfig context.
  package var context = ""
  /// Whether the cluster is kind's, so that it can be created, started and deleted.
  package var isKind = true
  /// The user's home folder.
  package var home = "/"
  /// Where a token would come from without asking: `env:NAME` or `gh`.
  package var standardCredential: String?

  /// The usual ones.
  package init() {}

  package var glyphs: Glyphs { usesUnicode ? .unicode : .ascii }
  package var shownTheme: Theme { usesColor ? theme : .mono }
}

/// Everything the dashboard knows, as a value. `update` changes it, `render` draws it; neither does anything else.
package struct Model: Sendable {
  package var settings: Settings
  package var size: Size
  /// Seconds since 1970.
  package var now: Int64

  // MARK: What is known
  /// What is known of the cluster, and what follows from it.
  package internal(set) var knowledge: ClusterKnowledge
  /// The findings as they were told last, and the same with the commands in them as they are to be copied.
  var toldFindings: (raw: [Finding], completed: [Finding]) = ([], [])
  package var checks: [DoctorCheck]?
  package var isExamining = false
  package var busyHistory = BusyHistory()
  package var events: [KubeEvent] = []

  // MARK: Where the reader is
  package var focus = Pane.installations
  package var isZoomed = false
  package var tab = Tab.logs
  /// The installation the runners are narrowed to.
  package var scope: String?
  package var installationTable = TableState(sort: InstallationColumn.name.rawValue)
  package var runnerTable = TableState(sort: RunnerColumn.state.rawValue)
  package var jobTable = TableState(sort: 0)
  package var eventTable = TableState(sort: 0)
  package var findingIndex = 0
  /// What the rows of jobs were made of.
  var jobRowsKey = ""
  package var installationRows: [Int] = []
  package var runnerRows: [RunnerRow] = []
  package var jobRows: [JobRecord] = []
  package var eventRows: [Int] = []
  package var showsOnlyFailed = false
  var bottomShare = 40
  package var log = LogState()
  /// Whether the log was chosen for itself and does not follow the selection.
  var isLogPinned = false
  package var details = TextPage(title: "", text: "")
  package var activities: [Activity] = []
  var shownActivity: Int?

  // MARK: What lies above
  package var overlays: [Overlay] = []
  /// A form that was left before it was done.
  package var draft: FormState?
  package var toasts: [Toast] = []
  var rings = false
  /// The colours that were chosen in a dashboard, this one or an earlier one: what is remembered.
  var chosenTheme: String?

  /// Effects of the update that is under way.
  package var effects: [Effect] = []
  private var lastNumber = 0

  package init(settings: Settings, size: Size, now: Int64, interface: InterfaceState = InterfaceState()) {
    self.settings = settings
    self.size = size
    self.now = now
    knowledge = ClusterKnowledge(context: settings.context)
    installationTable.sort = interface.installationSort
    installationTable.isAscending = interface.installationAscending
    runnerTable.sort = interface.runnerSort
    runnerTable.isAscending = interface.runnerAscending
    bottomShare = interface.bottomShare
    log.wraps = interface.wraps
    log.showsTime = interface.showsTime
    rings = interface.bell
    installationTable.key = interface.selection
    chosenTheme = interface.theme
  }

  /// A number for a question, so that its answer is told from older ones.
  mutating func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }

  /// What is to be remembered.
  package var interface: InterfaceState {
    var state = InterfaceState()
    state.installationSort = installationTable.sort
    state.installationAscending = installationTable.isAscending
    state.runnerSort = runnerTable.sort
    state.runnerAscending = runnerTable.isAscending
    state.bottomShare = bottomShare
    state.wraps = log.wraps
    state.showsTime = log.showsTime
    state.bell = rings
    state.theme = chosenTheme
    state.selection = installationTable.key
    return state
  }
}

/// The most busy runners there were in each of the last minutes.
package struct BusyHistory: Sendable, Equatable {
  private(set) var minutes: [(minute: Int64, busy: Int)] = []

  package mutating func note(_ busy: Int, at now: Int64) {
    let minute = now / 60
    if let last = minutes.last, last.minute == minute {
      minutes[minutes.count - 1].busy = max(last.busy, busy)
    } else {
      minutes.append((minute, busy))
      if minutes.count > 60 { minutes.removeFirst(minutes.count - 60) }
    }
  }

  /// The clock was set by this many seconds.
  package mutating func move(by shift: Int64) {
    for index in minutes.indices { minutes[index].minute += shift / 60 }
  }

  /// The last minutes, oldest first; a minute nothing was heard in is like the one before.
  package func levels(_ count: Int, now: Int64) -> [Int] {
    guard let first = minutes.first else { return [] }
    let current = now / 60
    let start = max(first.minute, current - Int64(count) + 1)
    guard start <= current else { return [] }
    var result: [Int] = []
    var index = 0
    var value = first.busy
    for minute in start...current {
      while index < minutes.count, minutes[index].minute <= minute {
        value = minutes[index].busy
        index += 1
      }
      result.append(value)
    }
    return result
  }

  package static func == (a: BusyHistory, b: BusyHistory) -> Bool {
    a.minutes.elementsEqual(b.minutes) { $0 == $1 }
  }
}
