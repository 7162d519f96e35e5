import Engine
import TerminalKit

/// A field of the form for an installation.
package enum FormField: String, CaseIterable, Sendable {
  case name, repository, mode, minimum, maximum, authentication, credential, appID, appInstallationID
  case caches, more, labels, image, mounts, instances, valuesFile, storage
  case pods, environment, secretEnvironment, cpus, memory, workSize, storageClass, runnerGroup, serviceAccount
  case pullPolicy, pullSecrets, nodeSelector, tolerations, dindImage, dindArguments
  case namespace, proxy, proxySecret, proxyExceptions, certificates, cacheClaims

  /// The setting of pods that it is; nil for others.
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

  /// Whether it is chosen and not typed.
  package var isChoice: Bool {
    switch self {
    case .mode, .authentication, .more, .pods, .storage: true
    default: false
    }
  }

  /// Whether it names a file, so that paths are completed.
  var namesFile: Bool { self == .valuesFile || self == .credential || self == .certificates }
}

/// The form that adds or changes an installation.
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

  /// The installation that is changed, or nil when one is added.
  package var original: Installation?
  /// The place among the clusters of the one that the installation lives on, or is to live on.
  package var cluster = 0
  package var fields: [FormField: TextField] = [:]
  package var mode = ContainerMode.kubernetes
  package var usesApp = false
  package var storesReference = false
  var showsMore = false
  var showsPods = false
  package var focus = FormField.name
  /// Fields that were left or changed: only they are told what is wrong with them.
  var touched: Set<FormField> = []
  var hasTriedToSubmit = false
  var problems: [FormField: EngineError] = [:]
  /// What it was opened to fix.
  package internal(set) var fix: Fix?
  /// What is wrong with the whole, once each field is right.
  var conflict: EngineError?
  package var preview = Preview.none
  var previewRequest = 0
  var credentialCheck = CredentialCheck.none
  var credentialRequest = 0
  /// Paths that go on from what is typed.
  package var completions: [String] = []
  var completionRequest = 0
  /// The first row that is shown where not all fit.
  package var top = 0

  package var isEdit: Bool { original != nil }

  package init() {
    fields[.minimum] = TextField("1")
    fields[.maximum] = TextField("5")
    fields[.instances] = TextField("1")
  }

  /// The form for an installation that is there.
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

  /// The fields that are on the screen, in order.
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

  /// Whether the mode can have a setting. One that is filled in is shown in every mode, with what is wrong with it.
  private func applies(_ setting: PodSetting) -> Bool {
    // Runners do not move: what there is stays.
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

  /// What is in it.
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

  /// Whether what stands in the credential's field is a secret, which is never shown.
  package var masksCredential: Bool {
    let text = text(.credential)
    return !(text.hasPrefix("@") || text.hasPrefix("env:") || "env:".hasPrefix(text) || "gh".hasPrefix(text))
  }

  /// Whether it can be submitted as far as can be told without asking anybody.
  var isValid: Bool { problems.isEmpty && conflict == nil }

  /// The problem to be told at a field now.
  func shownProblem(_ field: FormField) -> EngineError? {
    guard hasTriedToSubmit || touched.contains(field) else { return nil }
    return problems[field]
  }
}

/// What a plan would do, for showing it before.
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
