import Engine

/// An installation as entered in a form: texts, validated by the same rules as command line options.
package struct InstallationDraft: Sendable, Equatable {
  package var name = ""
  package var repository = ""
  package var mode = ContainerMode.kubernetes
  package var minimum = "1"
  package var maximum = "5"
  package var instances = "1"
  package var usesApp = false
  /// A token, `gh`, `env:NAME` or `@FILE`; for a GitHub App the `@FILE` of its key. Empty keeps the current one.
  package var credential = Secret("")
  package var appID = ""
  package var appInstallationID = ""
  package var storesReference = false
  package var caches = ""
  package var mounts = ""
  package var labels = ""
  package var image = ""
  package var valuesFiles = ""
  /// The pod settings; lists separated by commas, or by semicolons if items can contain commas.
  package var pod: [PodSetting: String] = [:]
  /// Imported values are kept unchanged.
  private var importedValues: String?
  /// The installation's settings. They are kept exactly if their text is unchanged: not every list can be represented
  /// as text.
  private var originalSettings = PodSettings()
  private var originalFiles: [String] = []

  /// Creates an empty draft.
  package init() {}

  /// Creates a draft of an installation to edit.
  package init(_ installation: Installation) {
    name = installation.name.description
    repository = installation.target.url
    mode = installation.mode
    minimum = String(installation.runners.minimum)
    maximum = String(installation.runners.maximum)
    instances = String(installation.instances)
    if case .app(let id, let installationID, _) = installation.authentication {
      usesApp = true
      appID = id ?? ""
      appInstallationID = installationID ?? ""
    }
    if case .literal = installation.authentication.source {} else { storesReference = true }
    caches = installation.caches.map { ($0.source.map { $0 + ":" } ?? "") + $0.target }.joined(separator: ", ")
    mounts = installation.mounts.map(\.text).joined(separator: ", ")
    labels = installation.labels.joined(separator: ", ")
    image = installation.image ?? ""
    valuesFiles = Self.text(installation.valuesFiles)
    originalFiles = installation.valuesFiles
    originalSettings = installation.settings
    for row in installation.settings.rows where !row.values.isEmpty { pod[row.setting] = Self.text(row) }
    importedValues = installation.importedValues
  }

  /// The items of a comma-separated list.
  package static func parts(_ text: String) -> [String] {
    text.split(separator: ",").map { Self.trimmed(String($0)) }.filter { !$0.isEmpty }
  }

  private static func text(_ files: [String]) -> String { files.joined(separator: ", ") }

  private static func text(_ row: PodSettings.Row) -> String? {
    row.values.isEmpty ? nil : row.values.joined(separator: String(separator(row.setting)) + " ")
  }

  /// The paths of the values files.
  package var files: [String] {
    valuesFiles == Self.text(originalFiles) ? originalFiles : Self.parts(valuesFiles)
  }

  /// The separator between a setting's items.
  package static func separator(_ setting: PodSetting) -> Character {
    switch setting {
    case .environment, .dindArguments: ";"
    default: ","
    }
  }

  /// Sets a setting from its text.
  ///
  /// - Parameter home: the folder for `~`.
  /// - Throws: `EngineError` of kind `invalid`.
  package func set(_ setting: PodSetting, in settings: inout PodSettings, home: String) throws(EngineError) {
    if pod[setting] == Self.text(originalSettings.row(setting)) { return settings.set(setting, from: originalSettings) }
    let text = pod[setting] ?? ""
    var texts = text.split(separator: Self.separator(setting)).map { Self.trimmed(String($0)) }
    if setting == .certificates { texts = texts.map { $0.hasPrefix("~/") ? home + $0.dropFirst() : $0 } }
    try settings.set(setting, texts.filter { !$0.isEmpty })
  }

  package static func trimmed(_ text: String) -> String {
    var text = Substring(text)
    while text.first?.isWhitespace == true { text = text.dropFirst() }
    while text.last?.isWhitespace == true { text = text.dropLast() }
    return String(text)
  }

  /// The credentials described by the draft, still to be found.
  ///
  /// - Parameters:
  ///   - current: the credentials that an empty field keeps.
  ///   - home: the folder for `~`.
  /// - Throws: `EngineError` of kind `invalid`.
  package func credentials(current: Authentication?, home: String) throws(EngineError) -> CredentialRequest {
    let text = credential.reveal()
    var argument = text.isEmpty ? nil : try CredentialArgument(text)
    if case .file(let path)? = argument, path.hasPrefix("~/") { argument = .file(home + path.dropFirst()) }
    let isTyped = if case .literal? = argument { true } else { false }
    return CredentialRequest(
      argument, app: usesApp ? .init(id: appID, installationID: appInstallationID) : nil,
      storage: storesReference && !isTyped ? .reference : .literal, isTyped: isTyped, kept: current)
  }

  /// The plan request for the draft.
  ///
  /// - Parameter base: the edited installation, as it was when the form was opened; nil for a new one.
  /// - Throws: `EngineError` of kind `invalid` for the first invalid part.
  package func request(from base: Installation?, home: String) throws(EngineError) -> PlanRequest {
    let credentials = try credentials(current: base?.authentication, home: home)
    let current = base?.authentication
    let isOfSameKind = current.map { $0.isToken == (credentials.app == nil) } ?? false
    let wanted = WantedInstallation(
      try installation(
        authentication: isOfSameKind ? current ?? credentials.placeholder : credentials.placeholder, home: home),
      credentials: isOfSameKind && credentials.argument == nil && credentials.app == nil ? nil : credentials)
    return base.map { PlanRequest.edit(wanted, from: $0) } ?? .add(wanted)
  }

  /// The installation described by the draft.
  ///
  /// - Parameters:
  ///   - authentication: how it authenticates with GitHub.
  ///   - home: the folder for `~`.
  /// - Throws: `EngineError` of kind `invalid` for the first invalid part.
  package func installation(authentication: Authentication, home: String) throws(EngineError) -> Installation {
    let count = try RunnerCounts.count(instances, field: "Instances")
    var caches: [CachePath] = []
    for text in Self.parts(self.caches) { caches.append(try CachePath(text, home: home)) }
    var mounts: [Mount] = []
    for text in Self.parts(self.mounts) { mounts.append(try Mount(text, home: home)) }
    let image = Self.trimmed(self.image)
    let files = files.map { $0.hasPrefix("~/") ? home + $0.dropFirst() : $0 }
    var settings = PodSettings()
    for setting in PodSetting.allCases { try set(setting, in: &settings, home: home) }
    return try Installation(
      name: InstallationName(reference: name), target: GitHubTarget(repository), mode: mode,
      runners: count > 1
        ? .one
        : RunnerCounts(
          minimum: RunnerCounts.count(minimum, field: "Runners, at least"),
          maximum: RunnerCounts.count(maximum, field: "Runners, at most")),
      caches: caches, mounts: mounts, instances: count, image: image.isEmpty ? nil : image,
      labels: Self.parts(labels), authentication: authentication, settings: settings,
      valuesFiles: files, importedValues: importedValues)
  }
}
