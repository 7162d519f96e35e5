import Engine

/// What lies over the dashboard and has the keys.
enum Overlay: Sendable, Equatable {
  case help(TextPage)
  case page(TextPage)
  case palette(PaletteState)
  case prompt(PromptState)
  case dialog(DialogState)
  case picker(PickerState)
  case form(FormState)
}

/// The command palette: everything that can be done, found by typing.
struct PaletteState: Sendable, Equatable {
  var field = TextField()
  var index = 0
}

/// One line that is asked for, at the foot of the screen.
struct PromptState: Sendable, Equatable {
  enum Purpose: Sendable, Equatable {
    case filterRows(Pane)
    case searchLog
    case filterLog
    case searchPage
    case scale(String)
    case saveLog
    case savePage
    case saveScreen
  }

  var purpose: Purpose
  var field: TextField
  /// What there was before, for Esc.
  var former: String
  var problem: String?

  var label: String {
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
struct DialogState: Sendable, Equatable {
  struct Button: Sendable, Equatable {
    var label: String
    var action: Action
  }

  enum Action: Sendable, Equatable {
    case close
    case quit
    case run(PlanRequest)
    case cancelActivity(Int)
  }

  enum Line: Sendable, Equatable {
    case text(String)
    case warning(String)
    case pair(String, String)
    /// A busy runner, told with the time its job has taken.
    case busy(runner: String)
  }

  var title: String
  var lines: [Line]
  var buttons: [Button]
  var index = 0
  /// The installation whose caches are being measured, with the answer when it came.
  var cachesOf: String?
}

/// A choice from a list.
struct PickerState: Sendable, Equatable {
  enum Purpose: Sendable, Equatable {
    case sort(Pane)
    case container
    case copy
  }

  struct Item: Sendable, Equatable {
    var label: String
    var detail: String
    var value: String
  }

  var purpose: Purpose
  var title: String
  var items: [Item]
  var index = 0
}

/// A sentence that goes away by itself.
struct Toast: Sendable, Equatable {
  enum Tone: Sendable, Equatable { case good, plain, bad }

  var text: String
  var tone: Tone
  var until: Int64
}
