import Engine

/// Validates a form while typing, with the rules and messages of the command line.
package enum FormRules {
  /// The context of the validation.
  package struct Surroundings: Sendable, Equatable {
    /// Names that are already in use.
    package var names: Set<String>
    /// The folder for `~`.
    package var home: String
  }

  package static func check(_ form: inout FormState, _ surroundings: Surroundings) {
    var problems: [FormField: EngineError] = [:]
    func check(_ field: FormField, _ body: () throws(EngineError) -> Void) {
      do throws(EngineError) { try body() } catch { problems[field] = error }
    }
    let draft = form.draft
    if !form.isEdit {
      check(.name) { () throws(EngineError) in
        let name = try InstallationName(draft.name)
        try name.checkReadAsText()
        if surroundings.names.contains(name.description) {
          throw EngineError(
            .invalid, "Installation \(name) already exists", fix: "Choose another name, or change it with e")
        }
      }
    }
    check(.repository) { () throws(EngineError) in _ = try GitHubTarget(draft.repository) }
    let visible = form.visible
    if visible.contains(.minimum) {
      var minimum: Int?
      check(.minimum) { () throws(EngineError) in
        let count = try RunnerCounts.count(draft.minimum, field: "Runners, at least")
        _ = try RunnerCounts(minimum: count, maximum: RunnerCounts.limit)
        minimum = count
      }
      check(.maximum) { () throws(EngineError) in
        let count = try RunnerCounts.count(draft.maximum, field: "Runners, at most")
        _ = try RunnerCounts(minimum: min(minimum ?? 0, max(0, count)), maximum: count)
        if let minimum { _ = try RunnerCounts(minimum: minimum, maximum: count) }
      }
    }
    check(.instances) { () throws(EngineError) in
      let count = try RunnerCounts.count(draft.instances, field: "Instances")
      guard count >= 1 else {
        throw EngineError(.invalid, "There must be at least one instance", fix: "Give 1 or more")
      }
    }
    check(.caches) { () throws(EngineError) in
      for text in InstallationDraft.parts(draft.caches) { _ = try CachePath(text, home: surroundings.home) }
    }
    check(.mounts) { () throws(EngineError) in
      for text in InstallationDraft.parts(draft.mounts) { _ = try Mount(text, home: surroundings.home) }
    }
    check(.valuesFile) { () throws(EngineError) in
      for path in draft.files where !path.hasPrefix("/") && !path.hasPrefix("~/") {
        throw EngineError(
          .invalid, "The values file \(SafeText.line(path)) is not an absolute path",
          fix: "Use a path from the root, or from ~/")
      }
    }
    for field in FormField.allCases {
      guard let setting = field.setting else { continue }
      check(field) { () throws(EngineError) in
        var settings = PodSettings()
        try draft.set(setting, in: &settings, home: surroundings.home)
      }
    }
    check(.credential) { () throws(EngineError) in
      let text = draft.credential.reveal()
      guard !text.isEmpty else { return }
      if text != "-" { _ = try CredentialArgument(text) }
    }
    if form.usesApp, let target = try? GitHubTarget(draft.repository) {
      check(.appID) { () throws(EngineError) in
        _ = try AppIdentity.checked(
          id: draft.appID, installationID: draft.appInstallationID.isEmpty ? "1" : draft.appInstallationID,
          target: target)
      }
      check(.appInstallationID) { () throws(EngineError) in
        _ = try AppIdentity.checked(
          id: "1", installationID: draft.appInstallationID, target: target)
      }
    }
    form.problems = problems
    form.conflict = nil
    guard problems.isEmpty else { return }
    do throws(EngineError) {
      _ = try draft.request(from: form.original, home: surroundings.home)
    } catch {
      // Show an error that concerns several fields at the most relevant one, if it can be determined.
      if let field = field(of: error, in: form, surroundings) {
        form.problems[field] = error
      } else {
        form.conflict = error
      }
    }
  }

  /// The relevant field of an error that concerns several: the first that, when left empty, changes or resolves the
  /// error.
  private static func field(
    of error: EngineError, in form: FormState, _ surroundings: Surroundings
  ) -> FormField? {
    let settings = FormField.allCases.filter { $0.setting != nil }
    return (settings + [.labels, .image, .instances, .mounts, .caches]).first { field in
      guard !form.text(field).isEmpty else { return false }
      var other = form
      other.fields[field] = nil
      do throws(EngineError) {
        _ = try other.draft.request(from: form.original, home: surroundings.home)
        return true
      } catch let second { return second != error }
    }
  }
}
