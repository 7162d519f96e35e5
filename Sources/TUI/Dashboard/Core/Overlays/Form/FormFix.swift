import Engine
import TerminalKit

/// A form that is opened to fix a finding.
extension FormState {
  /// The field that a finding concerns.
  package struct Fix: Sendable, Equatable {
    package var field: FormField
    package var why: String
  }

  /// The form for an installation, with the relevant field selected and filled with the proposed value.
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

  /// The field for an option; nil if it cannot be determined.
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

  /// The proposed value, if only one value fixes the problem.
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
