import Engine
import TerminalKit

/// A field of the installation form.
package enum FormField: String, CaseIterable, Sendable {
  case name, repository, mode, minimum, maximum, authentication, credential, appID, appInstallationID
  case caches, more, labels, image, mounts, instances, valuesFile, storage
  case pods, environment, secretEnvironment, cpus, memory, workSize, storageClass, runnerGroup, serviceAccount
  case pullPolicy, pullSecrets, nodeSelector, tolerations, dindImage, dindArguments
  case namespace, proxy, proxySecret, proxyExceptions, certificates, cacheClaims

  /// The corresponding pod setting; nil for other fields.
  package var setting: PodSetting? {
    switch self {
    case .environment: .environment
    case .secretEnvironment: .secretEnvironment
    case .cpus: .cpus
    case .memory: .memory
    case .workSize: .workSize
    case .storageClass: .storageClass
    case .runnerGroup: .runnerGroup
    case .serviceAccount: .serviceAccount
    case .pullPolicy: .pullPolicy
    case .pullSecrets: .pullSecrets
    case .nodeSelector: .nodeSelector
    case .tolerations: .tolerations
    case .dindImage: .dindImage
    case .dindArguments: .dindArguments
    case .namespace: .namespace
    case .proxy: .proxy
    case .proxySecret: .proxySecret
    case .proxyExceptions: .proxyExceptions
    case .certificates: .certificates
    case .cacheClaims: .cacheClaims
    default: nil
    }
  }

  package var label: String {
    switch self {
    case .name: "Name"
    case .repository: "Repository"
    case .mode: "Mode"
    case .minimum: "Runners"
    case .maximum: "at most"
    case .authentication: "Credentials"
    case .credential: "Token"
    case .appID: "App id"
    case .appInstallationID: "Installation"
    case .caches: "Caches"
    case .more: "More"
    case .labels: "Labels"
    case .image: "Image"
    case .mounts: "Mounts"
    case .instances: "Instances"
    case .valuesFile: "Values file"
    case .storage: "Remember"
    case .pods: "Pods"
    case .environment: "Environment"
    case .secretEnvironment: "From Secrets"
    case .cpus: "CPUs"
    case .memory: "Memory"
    case .workSize: "Work volume"
    case .storageClass: "Storage class"
    case .runnerGroup: "Runner group"
    case .serviceAccount: "Service acct"
    case .pullPolicy: "Pull policy"
    case .pullSecrets: "Pull secrets"
    case .nodeSelector: "Node labels"
    case .tolerations: "Tolerations"
    case .dindImage: "Docker image"
    case .dindArguments: "Docker args"
    case .namespace: "Namespace"
    case .proxy: "Proxy"
    case .proxySecret: "Proxy Secret"
    case .proxyExceptions: "No proxy"
    case .certificates: "CA file"
    case .cacheClaims: "Cache claims"
    }
  }

  /// Whether its value is selected instead of typed.
  package var isChoice: Bool {
    switch self {
    case .mode, .authentication, .more, .pods, .storage: true
    default: false
    }
  }

  /// Whether it can contain a file path, for path completion.
  var namesFile: Bool { self == .valuesFile || self == .credential || self == .certificates }
}

/// The state of the form for adding or editing an installation.
package struct FormState: Sendable, Equatable {
  package enum Preview: Sendable, Equatable {
    case none
    case working
    case ready(PlanPreview)
    case failed(EngineError)
  }

  enum CredentialCheck: Sendable, Equatable {
    case none
    case working
    case good([String])
    case failed(EngineError)
  }

  /// The edited installation, or nil when adding one.
  package var original: Installation?
  /// The index of the installation's cluster.
  package var cluster = 0
  package var fields: [FormField: TextField] = [:]
  package var mode = ContainerMode.kubernetes
  package var usesApp = false
  package var storesReference = false
  var showsMore = false
  var showsPods = false
  package var focus = FormField.name
  /// Fields that were left or changed: problems are shown only for these.
  var touched: Set<FormField> = []
  var hasTriedToSubmit = false
  var problems: [FormField: EngineError] = [:]
  /// What the form was opened to fix.
  package internal(set) var fix: Fix?
  /// A problem of the combination of fields, once each field is valid.
  var conflict: EngineError?
  package var preview = Preview.none
  var previewRequest = 0
  var credentialCheck = CredentialCheck.none
  var credentialRequest = 0
  /// Paths that start with the typed text.
  package var completions: [String] = []
  var completionRequest = 0
  /// The first visible row, if not all fit.
  package var top = 0

  package var isEdit: Bool { original != nil }

  package init() {
    fields[.minimum] = TextField("1")
    fields[.maximum] = TextField("5")
    fields[.instances] = TextField("1")
  }

  /// Creates a form for an existing installation.
  package init(_ installation: Installation) {
    original = installation
    let draft = InstallationDraft(installation)
    fields = [
      .name: TextField(draft.name), .repository: TextField(draft.repository), .minimum: TextField(draft.minimum),
      .maximum: TextField(draft.maximum), .instances: TextField(draft.instances), .appID: TextField(draft.appID),
      .appInstallationID: TextField(draft.appInstallationID), .caches: TextField(draft.caches),
      .mounts: TextField(draft.mounts), .labels: TextField(draft.labels), .image: TextField(draft.image),
      .valuesFile: TextField(draft.valuesFiles),
    ]
    for field in FormField.allCases {
      if let setting = field.setting { fields[field] = TextField(draft.pod[setting] ?? "") }
    }
    showsPods = !draft.pod.isEmpty
    mode = draft.mode
    usesApp = draft.usesApp
    storesReference = draft.storesReference
    focus = .repository
    showsMore =
      !draft.labels.isEmpty || !draft.image.isEmpty || !draft.mounts.isEmpty || draft.instances != "1"
      || !draft.valuesFiles.isEmpty || showsPods
  }

  package func text(_ field: FormField) -> String { fields[field]?.text ?? "" }

  /// The visible fields, in order.
  package var visible: [FormField] {
    var visible: [FormField] = isEdit ? [] : [.name]
    visible += [.repository, .mode]
    if InstallationDraft.trimmed(text(.instances)) == "1" || text(.instances).isEmpty {
      visible += [.minimum, .maximum]
    }
    visible += [.authentication]
    if usesApp { visible += [.appID, .appInstallationID] }
    visible += [.credential, .caches, .more]
    guard showsMore else { return visible }
    visible += [.labels, .image, .mounts, .instances, .valuesFile, .storage, .pods]
    if showsPods { visible += FormField.allCases.filter { $0.setting.map(applies) ?? false } }
    return visible
  }

  /// Whether a setting applies to the mode. A setting with a value is shown in every mode, with its validation error.
  private func applies(_ setting: PodSetting) -> Bool {
    // Runners cannot be moved to another namespace.
    if setting == .namespace, isEdit { return false }
    guard let field = FormField.allCases.first(where: { $0.setting == setting }), text(field).isEmpty else {
      return true
    }
    switch setting {
    case .workSize, .storageClass: return mode == .kubernetes
    case .dindImage, .dindArguments: return mode == .dind
    default: return true
    }
  }

  /// The form's contents as a draft.
  package var draft: InstallationDraft {
    var draft = original.map { InstallationDraft($0) } ?? InstallationDraft()
    draft.name = original?.name.description ?? InstallationDraft.trimmed(text(.name))
    draft.repository = InstallationDraft.trimmed(text(.repository))
    draft.mode = mode
    draft.minimum = text(.minimum)
    draft.maximum = text(.maximum)
    draft.instances = text(.instances).isEmpty ? "1" : text(.instances)
    draft.usesApp = usesApp
    draft.credential = Secret(text(.credential))
    draft.appID = text(.appID)
    draft.appInstallationID = text(.appInstallationID)
    draft.storesReference = storesReference
    draft.caches = text(.caches)
    draft.mounts = text(.mounts)
    draft.labels = text(.labels)
    draft.image = text(.image)
    draft.valuesFiles = text(.valuesFile)
    for field in FormField.allCases {
      if let setting = field.setting { draft.pod[setting] = text(field).isEmpty ? nil : text(field) }
    }
    return draft
  }

  /// Whether the credential field contains a secret, which is never shown.
  package var masksCredential: Bool {
    let text = text(.credential)
    return !(text.hasPrefix("@") || text.hasPrefix("env:") || "env:".hasPrefix(text) || "gh".hasPrefix(text))
  }

  /// Whether the form can be submitted, as far as local validation shows.
  var isValid: Bool { problems.isEmpty && conflict == nil }

  /// The problem to show at a field now.
  func shownProblem(_ field: FormField) -> EngineError? {
    guard hasTriedToSubmit || touched.contains(field) else { return nil }
    return problems[field]
  }
}

/// A preview of what a plan would do.
package struct PlanPreview: Sendable, Equatable {
  package struct Step: Sendable, Equatable {
    package var title: String
    package var forecast: String?

    package init(title: String, forecast: String?) { (self.title, self.forecast) = (title, forecast) }
  }

  package var steps: [Step]
  package var warnings: [String]
  /// The values of each scale set, as YAML.
  package var values: String

  package init(steps: [Step], warnings: [String], values: String) {
    self.steps = steps
    self.warnings = warnings
    self.values = values
  }
}
