import Engine
import TerminalKit

/// Identifies a pane. Each pane defines its id in its own file.
package struct PaneID: Hashable, Sendable {
  package let name: String
  package init(_ name: String) { self.name = name }
}

/// A part of the dashboard: its contents, its keys and what they do. Stateless; all state is in the model, a table's
/// selection and rows under the pane's id.
///
/// A command is offered first to the focused pane, then to the visible tab, then to all others in order, until one
/// performs it; its availability is determined in the same order.
package protocol Pane: Sendable {
  static var id: PaneID { get }
  /// The title of a tab, and of its keys in the help and the manual.
  var title: String { get }
  var bindings: [Binding] { get }
  /// The number of rows above its content, next to the title.
  var headHeight: Int { get }
  /// Whether it uses the mouse while focused: for text, the terminal's own selection is more useful.
  var wantsMouse: Bool { get }
  /// The command for a click on the selected row.
  var opening: Command { get }
  /// The sortable columns, in the order of `TableState.sort`; empty if its order is fixed.
  var columns: [String] { get }

  // MARK: Title and labels
  /// The label in the row of tabs, with counts, and its style while another tab is visible.
  func label(_ model: Model) -> (text: String, tone: Role)
  /// The text after the title of a pane that is not a tab.
  func counts(_ model: Model) -> [String]
  /// Whether a tab is currently shown in the row of tabs.
  func isOffered(_ model: Model) -> Bool
  /// Whether its rows currently have a column.
  func isOffered(column: Int, _ model: Model) -> Bool
  /// The text at the right end of the title row.
  func note(_ model: Model) -> String
  /// The label of a binding in the footer; nil shows it only in the help.
  func word(_ binding: Binding, _ model: Model) -> String?
  /// The label in the footer for what Esc resets; nil if nothing is filtered.
  func narrowing(_ model: Model) -> String?
  func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model)

  // MARK: Commands
  /// - Returns: nil for commands of other panes.
  func availability(_ command: Command, _ model: Model) -> Availability?
  /// - Returns: false for commands of other panes.
  func perform(_ command: Command, _ model: inout Model) -> Bool
  /// Moves the selection or scrolls: by keys, and by the mouse wheel without focus.
  func move(by rows: Int, _ model: inout Model)
  func move(sideways cells: Int, _ model: inout Model)
  /// Selects a row that was clicked, or that a command jumps to.
  func select(_ index: Int, _ model: inout Model)
  func isSelected(_ index: Int, _ model: Model) -> Bool
  /// Handles Esc: resets filters.
  ///
  /// - Returns: false if nothing is filtered.
  func leave(_ model: inout Model) -> Bool

  // MARK: Input lines and lists
  /// The current filter; nil if the pane cannot be filtered.
  func filter(_ model: Model) -> String?
  func setFilter(_ text: String, _ model: inout Model)
  /// The number of matches, shown next to the filter's input line.
  func filtered(_ model: Model) -> String?
  func search(_ text: String, _ model: inout Model)
  /// Continues with an item that was chosen from a list it opened.
  func choose(_ value: String, _ model: inout Model)

  // MARK: The selection
  /// The text to copy; nil if there is none.
  func copyText(_ model: Model) -> String?
  /// The text to save to a file.
  func saveText(_ model: Model) -> String
  /// The URL of the selected job's workflow run.
  func link(_ model: Model) -> String?
  /// The installation that commands apply to.
  func subject(_ model: Model) -> Located<InstallationStatus>?
  /// The index of the cluster that cluster commands apply to.
  func cluster(_ model: Model) -> Int

  // MARK: Events
  func shown(_ model: inout Model)
  func hidden(_ model: inout Model)
  /// Called when a cluster was observed.
  func observed(_ model: inout Model)
  /// Called for visible panes when their contents may have changed.
  func refresh(_ model: inout Model)
  /// Called after every update: moves selection and scroll position into the valid range.
  func settle(_ model: inout Model)
}

extension Pane {
  package var id: PaneID { Self.id }
  package var headHeight: Int { 0 }
  package var wantsMouse: Bool { true }
  package var opening: Command { .logs }
  package var columns: [String] { [] }

  package func label(_ model: Model) -> (text: String, tone: Role) { (title, .title) }
  package func isOffered(_ model: Model) -> Bool { true }
  package func isOffered(column: Int, _ model: Model) -> Bool { true }
  package func counts(_ model: Model) -> [String] { [] }
  package func note(_ model: Model) -> String { "" }
  package func word(_ binding: Binding, _ model: Model) -> String? { binding.short }
  package func narrowing(_ model: Model) -> String? { nil }

  package func availability(_ command: Command, _ model: Model) -> Availability? { nil }
  package func perform(_ command: Command, _ model: inout Model) -> Bool { false }
  package func move(sideways cells: Int, _ model: inout Model) {}
  package func select(_ index: Int, _ model: inout Model) {}
  package func isSelected(_ index: Int, _ model: Model) -> Bool { false }
  package func leave(_ model: inout Model) -> Bool { false }

  package func filter(_ model: Model) -> String? { nil }
  package func setFilter(_ text: String, _ model: inout Model) {}
  package func filtered(_ model: Model) -> String? { nil }
  package func search(_ text: String, _ model: inout Model) {}
  package func choose(_ value: String, _ model: inout Model) {}

  package func copyText(_ model: Model) -> String? { nil }
  package func saveText(_ model: Model) -> String { "" }
  package func link(_ model: Model) -> String? { model.panes.second.link(model) }
  package func subject(_ model: Model) -> Located<InstallationStatus>? { model.panes.first.subject(model) }
  package func cluster(_ model: Model) -> Int { subject(model)?.cluster ?? model.clusterScope ?? model.mainCluster }

  package func shown(_ model: inout Model) {}
  package func hidden(_ model: inout Model) {}
  package func observed(_ model: inout Model) {}
  package func refresh(_ model: inout Model) {}
  package func settle(_ model: inout Model) {}
}

/// The panes of a dashboard: two above, and tabs below.
package struct PaneSet: Sendable {
  package let first: any Pane
  package let second: any Pane
  package let tabs: [any Pane]
  private let places: [PaneID: Int]

  /// - Parameters:
  ///   - first: determines the target of commands unless another pane does; its selection is remembered.
  ///   - tabs: at least one.
  package init(first: any Pane, second: any Pane, tabs: [any Pane]) {
    (self.first, self.second, self.tabs) = (first, second, tabs)
    all = [first, second] + tabs
    keymaps = all.map { Keymap($0.title, $0.bindings) }
    places = Dictionary(uniqueKeysWithValues: tabs.enumerated().map { ($0.element.id, $0.offset) })
  }

  package let all: [any Pane]
  /// The keymap of each pane.
  package let keymaps: [Keymap]

  /// The index of a tab.
  func index(ofTab id: PaneID) -> Int { places[id] ?? 0 }

  package subscript(id: PaneID) -> any Pane {
    id == first.id ? first : id == second.id ? second : tabs[index(ofTab: id)]
  }

  /// The place of a pane.
  func place(of id: PaneID) -> Place { id == first.id ? .first : id == second.id ? .second : .bottom }
}
