import Engine
import TerminalKit

/// What lies over the dashboard and has the keys.
package enum Overlay: Sendable, Equatable {
  case help(TextPage)
  case page(TextPage)
  case palette(PaletteState)
  case prompt(PromptState)
  case dialog(DialogState)
  case picker(PickerState)
  case form(FormState)
}

/// The command palette: everything that can be done, found by typing.
package struct PaletteState: Sendable, Equatable {
  package var field = TextField()
  package var index = 0
}

/// One line that is asked for, at the foot of the screen.
package struct PromptState: Sendable, Equatable {
  package enum Purpose: Sendable, Equatable {
    case filterRows(Pane)
    case searchLog
    case filterLog
    case searchPage
    case scale(String)
    case saveLog
    case savePage
    case saveScreen
  }

  package var purpose: Purpose
  package var field: TextField
  /// What there was before, for Esc.
  package var former: String
  package var problem: String?

  package var label: String {
    switch purpose {
    case .filterRows: "filter"
    case .searchLog, .searchPage: "search"
    case .filterLog: "show lines with"
    case .scale(let name): "runners of \(name), as MIN-MAX or MAX"
    case .saveLog: "save the log as"
    case .savePage: "save the text as"
    case .saveScreen: "save the screen as"
    }
  }
}

/// A question with answers. The first answer changes nothing and is the default.
package struct DialogState: Sendable, Equatable {
  package struct Button: Sendable, Equatable {
    package var label: String
    package var action: Action
  }

  package enum Action: Sendable, Equatable {
    case close
    case quit
    case run(PlanRequest)
    case cancelActivity(Int)
  }

  package enum Line: Sendable, Equatable {
    case text(String)
    case warning(String)
    case pair(String, String)
    /// A busy runner, told with the time its job has taken.
    case busy(runner: String)
  }

  package var title: String
  package var lines: [Line]
  package var buttons: [Button]
  package var index = 0
  /// The installation whose caches are being measured, with the answer when it came.
  var cachesOf: String?
}

/// A choice from a list.
package struct PickerState: Sendable, Equatable {
  package enum Purpose: Sendable, Equatable {
    case sort(Pane)
    case container
    case copy
  }

  package struct Item: Sendable, Equatable {
    package var label: String
    package var detail: String
    package var value: String
  }

  package var purpose: Purpose
  package var title: String
  package var items: [Item]
  package var index = 0
}

/// A sentence that goes away by itself.
package struct Toast: Sendable, Equatable {
  package enum Tone: Sendable, Equatable { case good, plain, bad }

  package var text: String
  package var tone: Tone
  package var until: Int64
}
