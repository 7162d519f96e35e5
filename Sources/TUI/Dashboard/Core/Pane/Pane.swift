import Engine
import TerminalKit

/// Which pane it is. A pane names itself in its own file.
package struct PaneID: Hashable, Sendable {
  package let name: String
  package init(_ name: String) { self.name = name }
}

/// A part of the dashboard: what it shows, its keys and what they do here. It keeps nothing; what there is to keep is in
/// the model, a table's selection and rows under the pane's id.
///
/// A command is offered first to the pane with the focus, then to the tab that is shown, then to every other in order,
/// until one carries it out; its availability is asked for in the same order.
package protocol Pane: Sendable {
  static var id: PaneID { get }
  /// Its name: of a tab, and over its keys in the help and the manual.
  var title: String { get }
  var bindings: [Binding] { get }
  /// Rows above its content, beside the title.
  var headHeight: Int { get }
  /// Whether the mouse is asked for while it has the focus: in text the terminal's own selection is worth more.
  var wantsMouse: Bool { get }
  /// What a click on the selected row does.
  var opening: Command { get }
  /// What its rows can be sorted by, in the order of `TableState.sort`; empty where they have an order of their own.
  var columns: [String] { get }

  // MARK: Around it
  /// The name in the row of tabs, with counts, and how it looks while another tab is shown.
  func label(_ model: Model) -> (text: String, tone: Role)
  /// What stands behind the title of a pane that is no tab.
  func counts(_ model: Model) -> [String]
  /// Whether a tab is among the tabs now.
  func isOffered(_ model: Model) -> Bool
  /// Whether its rows have a column now.
  func isOffered(column: Int, _ model: Model) -> Bool
  /// The text at the right end of the title.
  func note(_ model: Model) -> String
  /// The word of a binding in the footer; nil leaves it to the help.
  func word(_ binding: Binding, _ model: Model) -> String?
  /// What Esc does about what narrows it, as the footer says it; nil when nothing does.
  func narrowing(_ model: Model) -> String?
  func draw(_ painter: inout Painter, _ rect: Rect, _ model: Model)

  // MARK: Commands
  /// - Returns: nil for what is not its own.
  func availability(_ command: Command, _ model: Model) -> Availability?
  /// - Returns: false for what is not its own.
  func perform(_ command: Command, _ model: inout Model) -> Bool
  /// Moves the selection or the text: by keys, and by the wheel whatever has the focus.
  func move(by rows: Int, _ model: inout Model)
  func move(sideways cells: Int, _ model: inout Model)
  /// Selects a row that was clicked, or that a command leads to.
  func select(_ index: Int, _ model: inout Model)
  func isSelected(_ index: Int, _ model: Model) -> Bool
  /// Esc: takes back what narrows it.
  ///
  /// - Returns: false when nothing does.
  func leave(_ model: inout Model) -> Bool

  // MARK: What is asked for in a line
  /// What it is filtered by; nil where nothing can be.
  func filter(_ model: Model) -> String?
  func setFilter(_ text: String, _ model: inout Model)
  /// How many the filter leaves, for the line it is typed in.
  func filtered(_ model: Model) -> String?
  func search(_ text: String, _ model: inout Model)
  /// Carries on with what was chosen from a list it opened.
  func choose(_ value: String, _ model: inout Model)

  // MARK: What others want of its selection
  /// What is copied; nil copies nothing.
  func copyText(_ model: Model) -> String?
  /// What is written to a file.
  func saveText(_ model: Model) -> String
  /// The run of the selected job.
  func link(_ model: Model) -> String?
  /// The installation that commands are meant for.
  func subject(_ model: Model) -> Located<InstallationStatus>?
  /// The place among the clusters of the one that commands about a whole cluster are meant for.
  func cluster(_ model: Model) -> Int

  // MARK: What happens
  func shown(_ model: inout Model)
  func hidden(_ model: inout Model)
  /// The cluster was seen again.
  func observed(_ model: inout Model)
  /// Something that it shows may have changed. Called for what is on the screen.
  func refresh(_ model: inout Model)
  /// After everything that happened: puts selection and scrolled place back into what there is.
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
  package func cluster(_ model: Model) -> Int { subject(model)?.cluster ?? model.clusterScope ?? 0 }

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
  ///   - first: what commands are meant for where a pane does not say otherwise; its selection is remembered.
  ///   - tabs: at least one.
  package init(first: any Pane, second: any Pane, tabs: [any Pane]) {
    (self.first, self.second, self.tabs) = (first, second, tabs)
    all = [first, second] + tabs
    keymaps = all.map { Keymap($0.title, $0.bindings) }
    places = Dictionary(uniqueKeysWithValues: tabs.enumerated().map { ($0.element.id, $0.offset) })
  }

  package let all: [any Pane]
  /// The keys of each.
  package let keymaps: [Keymap]

  /// The place of a tab among the tabs.
  func index(ofTab id: PaneID) -> Int { places[id] ?? 0 }

  package subscript(id: PaneID) -> any Pane {
    id == first.id ? first : id == second.id ? second : tabs[index(ofTab: id)]
  }

  /// Where a pane is.
  func place(of id: PaneID) -> Place { id == first.id ? .first : id == second.id ? .second : .bottom }
}
