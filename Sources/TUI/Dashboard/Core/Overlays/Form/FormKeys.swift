import Engine
import TerminalKit

extension FormState: OverlayContent {
  var takesText: Bool { !focus.isChoice }
  var coversAll: Bool { true }
  func footer(_ settings: Settings) -> [(key: String, word: String)]? {
    [
      ("Enter", isEdit ? "save" : "add"), ("Tab", "next"), ("Shift-Tab", "back"),
      focus.isChoice ? ("Space", "choose") : ("^U", "clear"), ("^V", "values"), ("Esc", "leave"),
    ]
  }
  func press(_ key: Key, _ model: inout Model) { model.press(key, form: self) }
  func insert(_ text: String, _ model: inout Model) -> Bool { model.insert(text, form: self) }
  func click(_ target: Target, _ model: inout Model) { if case .field(let index) = target { model.clickField(index) } }
  func settle(_ model: inout Model) { model.settleForm() }
  func draw(_ painter: inout Painter, _ model: Model) { FormScreen(model: model, form: self).draw(&painter) }
}

/// Keys and checks of the installation form.
extension Model {
  /// Another cluster may have an installation of the same name.
  func surroundings(of form: FormState) -> FormRules.Surroundings {
    let target = clusters[form.cluster].target
    let here = configuration.all.filter { configuration.target(of: $0) == target }
    return FormRules.Surroundings(
      names: Set(
        here.map(\.name.plain) + clusters.flatMap { $0.knowledge.configuration.unreadable.map(\.name) }),
      home: settings.home)
  }

  /// The request that a valid form describes; nil if it is not valid.
  private func request(of form: FormState) -> PlanRequest? {
    guard let request = try? form.draft.request(from: form.original, home: settings.home) else { return nil }
    guard case .add(var wanted, let arc) = request else { return request }
    wanted.installation = configuration.named(wanted.installation, on: clusters[form.cluster].target)
    return .add(wanted, arc: arc)
  }

  package mutating func openForm(_ form: FormState) {
    var form = form
    if !form.isEdit, form.text(.credential).isEmpty, let standard = settings.standardCredential {
      form.fields[.credential] = TextField(standard)
    }
    overlays.append(.form(form))
    formChanged(form, credentialChanged: true)
  }

  private mutating func put(_ form: FormState) {
    if let index = overlays.lastIndex(where: { if case .form = $0 { true } else { false } }) {
      overlays[index] = .form(form)
    }
  }

  /// Validates the form, and requests the plan and a check of the credentials.
  private mutating func formChanged(_ form: FormState, credentialChanged: Bool = false) {
    var form = form
    FormRules.check(&form, surroundings(of: form))
    if form.isValid {
      form.previewRequest = nextNumber()
      if case .ready = form.preview {} else { form.preview = .working }
      if let request = request(of: form) {
        ask(.preview(request.withoutCredentials, request: form.previewRequest), on: form.cluster)
      }
    } else {
      form.previewRequest = nextNumber()
      form.preview = .none
    }
    if credentialChanged {
      form.credentialRequest = nextNumber()
      if form.problems[.credential] == nil, !(form.isEdit && form.text(.credential).isEmpty),
        let credentials = try? form.draft.credentials(current: nil, home: settings.home)
      {
        form.credentialCheck = .working
        // Without a valid URL the host is unknown; github.com is the most likely.
        let host = (try? GitHubTarget(form.draft.repository))?.host ?? "github.com"
        ask(.checkCredential(credentials, host: host, request: form.credentialRequest))
      } else {
        form.credentialCheck = .none
      }
    }
    put(form)
  }

  mutating func takeForForm(_ message: Message) {
    guard case .form(var form)? = overlays.last(where: { if case .form = $0 { true } else { false } }) else { return }
    switch message {
    case .preview(let request, let result):
      guard request == form.previewRequest else { return }
      switch result {
      case .success(let preview): form.preview = .ready(preview)
      case .failure(let error): form.preview = .failed(error)
      }
    case .credential(let request, let result):
      guard request == form.credentialRequest else { return }
      switch result {
      case .success(let warnings): form.credentialCheck = .good(warnings)
      case .failure(let error): form.credentialCheck = .failed(error)
      }
    case .completions(let request, let paths):
      guard request == form.completionRequest else { return }
      form.completions = paths
    default: return
    }
    put(form)
  }

  // MARK: Keys

  fileprivate mutating func press(_ key: Key, form: FormState) {
    var form = form
    switch key {
    case .escape, .control("c"):
      if !form.isEdit { draft = form }
      return closeOverlay()
    case .tab, .down: return step(form, 1)
    case .backTab, .up: return step(form, -1)
    case .enter where form.focus == .pods:
      form.showsPods.toggle()
      return put(form)
    case .enter where form.focus == .more:
      form.showsMore.toggle()
      return put(form)
    case .enter: return submit(form)
    case .control("v"): return showValues(form)
    default: break
    }
    if form.focus.isChoice {
      guard choose(&form, key) else { return }
      form.touched.insert(form.focus)
      return formChanged(form, credentialChanged: form.focus == .authentication || form.focus == .storage)
    }
    // At the end of the text, the right arrow accepts the suggested path.
    if key == .right, let path = form.completions.first, let field = form.fields[form.focus],
      field.cursor == field.characters.count
    {
      return complete(form, with: path)
    }
    guard form.fields[form.focus, default: TextField()].handle(key) else { return }
    typed(form)
  }

  /// - Returns: false if the text does not fit; then nothing was changed.
  fileprivate mutating func insert(_ text: String, form: FormState) -> Bool {
    guard !form.focus.isChoice else { return true }
    var form = form
    guard form.fields[form.focus, default: TextField()].insert(text) else { return false }
    typed(form)
    return true
  }

  private mutating func typed(_ form: FormState) {
    var form = form
    // Validate a number immediately, but a name only when leaving the field: an incomplete name is always invalid.
    if [.minimum, .maximum, .instances].contains(form.focus) { form.touched.insert(form.focus) }
    form.completions = []
    if form.focus.namesFile, let path = pathPart(form) {
      form.completionRequest = nextNumber()
      ask(.complete(path: path, request: form.completionRequest))
    }
    formChanged(form, credentialChanged: [.credential, .repository, .appID].contains(form.focus))
  }

  private func pathPart(_ form: FormState) -> String? {
    let text = form.text(form.focus)
    if form.focus == .credential { return text.hasPrefix("@") && text.count > 1 ? String(text.dropFirst()) : nil }
    return text.isEmpty ? nil : text
  }

  private mutating func complete(_ form: FormState, with path: String) {
    var form = form
    form.fields[form.focus] = TextField((form.focus == .credential ? "@" : "") + path)
    typed(form)
  }

  private mutating func step(_ form: FormState, _ by: Int) {
    var form = form
    form.touched.insert(form.focus)
    let all = form.visible
    let at = all.firstIndex(of: form.focus) ?? 0
    form.focus = all[(at + by + all.count) % all.count]
    form.completions = []
    FormRules.check(&form, surroundings(of: form))
    put(form)
  }

  fileprivate mutating func clickField(_ index: Int) {
    guard case .form(var form)? = overlays.last, form.visible.indices.contains(index) else { return }
    let field = form.visible[index]
    form.touched.insert(form.focus)
    let isAgain = form.focus == field
    form.focus = field
    if field.isChoice, isAgain || field == .more || field == .pods { return press(.character(" "), form: form) }
    put(form)
  }

  private func choose(_ form: inout FormState, _ key: Key) -> Bool {
    let forward: Bool
    switch key {
    case .right, .character(" "), .character("l"): forward = true
    case .left, .character("h"): forward = false
    default: return false
    }
    switch form.focus {
    case .mode:
      let all = ContainerMode.allCases
      let at = all.firstIndex(of: form.mode) ?? 0
      form.mode = all[(at + (forward ? 1 : all.count - 1)) % all.count]
    case .authentication: form.usesApp.toggle()
    case .storage: form.storesReference.toggle()
    case .more: form.showsMore.toggle()
    case .pods: form.showsPods.toggle()
    default: return false
    }
    return true
  }

  private mutating func submit(_ form: FormState) {
    var form = form
    form.hasTriedToSubmit = true
    FormRules.check(&form, surroundings(of: form))
    if let field = form.visible.first(where: { form.problems[$0] != nil }) {
      form.focus = field
      return put(form)
    }
    if let hidden = form.problems.keys.first {
      form.showsMore = true
      if hidden.setting != nil { form.showsPods = true }
      form.focus = hidden
      return put(form)
    }
    if case .failed = form.credentialCheck {
      form.focus = .credential
      return put(form)
    }
    guard form.isValid, let request = request(of: form) else { return put(form) }
    if !form.isEdit { self.draft = form }
    closeOverlay()
    start(request, on: form.cluster)
  }

  private mutating func showValues(_ form: FormState) {
    guard case .ready(let preview) = form.preview else {
      return toast("The values are known once all fields are valid", .plain)
    }
    var page = TextPage(title: "Values for Helm (without the secret)", text: preview.values)
    page.fileName = "values.yaml"
    overlays.append(.page(page))
  }

  /// Scrolls to the focused field.
  fileprivate mutating func settleForm() {
    guard case .form(var form)? = overlays.last else { return }
    let view = FormView(form, settings: settings, width: size.columns)
    formView = view
    let height = max(1, size.rows - 3 - layout.toastRows)
    let place = view.rows(of: form.focus)
    if place.lowerBound < form.top { form.top = place.lowerBound }
    if place.upperBound > form.top + height { form.top = place.upperBound - height }
    form.top = max(0, min(form.top, view.lines.count - height))
    overlays[overlays.count - 1] = .form(form)
  }
}
