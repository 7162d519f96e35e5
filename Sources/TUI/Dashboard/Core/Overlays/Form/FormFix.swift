import Engine
import TerminalKit

/// A form that is opened to fix what a finding tells of.
extension FormState {
  /// The field that a finding is about.
  package struct Fix: Sendable, Equatable {
    package var field: FormField
    /// What is wrong.
    package var why: String
  }

  /// The form for an installation, at the field that helps, filled with what is known and selected.
  package init(_ installation: Installation, fixing option: EditOption, _ why: String) {
    self.init(installation)
    guard let field = Self.field(option, usesApp: usesApp) else { return }
    fix = Fix(field: field, why: why)
    focus = field
    if field.setting != nil { showsPods = true }
    if !visible.contains(field) { showsMore = true }
    guard !field.isChoice else { return }
    fields[field] = TextField(Self.proposal(option) ?? text(field), isSelected: true)
  }

  /// Nil where nobody knows which one it is.
  private static func field(_ option: EditOption, usesApp: Bool) -> FormField? {
    switch option {
    case .credentials: .credential
    case .appInstallation: usesApp ? .appInstallationID : .authentication
    case .url: .repository
    case .image, .defaultImage: .image
    case .pullPolicy: .pullPolicy
    case .storageClass: .storageClass
    case .toleration: .tolerations
    case .nodeSelector: .nodeSelector
    case .memory: .memory
    case .cpus: .cpus
    case .values: .valuesFile
    case .unknown: nil
    }
  }

  /// What the field is filled with, where one value alone helps.
  private static func proposal(_ option: EditOption) -> String? {
    switch option {
    case .defaultImage: ""
    case .pullPolicy: PullPolicy.ifNotPresent.rawValue
    case .credentials, .appInstallation, .url, .image, .storageClass, .toleration, .nodeSelector, .memory, .cpus,
      .values, .unknown:
      nil
    }
  }
}
