import ARC
import Basics
import Installations

extension Diagnosis {
  /// The differences between an installation's configuration and the cluster. Empty until they were compared.
  package static func drift(_ status: InstallationStatus, _ known: Circumstances) -> [Finding] {
    guard let installation = status.installation, let desired = known.desired[status.name] else { return [] }
    var findings: [Finding] = []
    let differences = drift(status, installation, desired).filter { difference in
      // This is reported by the rule `limit-lost`.
      !(difference.setting == .maxRunners && installation.instances == 1
        && status.scaleSets.contains { $0.ownRelease == difference.scaleSet && $0.maximum == nil })
    }
    if !differences.isEmpty {
      var titles: [String] = []
      for title in differences.map(\.setting.title) where !titles.contains(title) { titles.append(title) }
      findings.append(
        Finding(
          .drift, status.name, .warning,
          "\(status.name): the cluster differs from the configuration: \(titles.joined(separator: ", "))",
          evidence: differences.map(\.sentence),
          remedy: "Take over what the cluster has with `deskrun edit \(status.name) --from-cluster`, or deploy the "
            + "configuration again",
          action: .bringUp))
    }
    return findings + values(status, installation, desired)
  }

  /// The differences of an installation for which everything compared is known.
  package static func drift(
    _ status: InstallationStatus, _ installation: Installation, _ desired: DesiredState
  ) -> [SettingDrift] {
    // Under the names of the deployed scale sets.
    let found = status.scaleSets.map { set in
      var settings = set.settings
      settings.scaleSet = set.ownRelease
      return settings
    }
    return SettingDrift.list(installation, image: desired.image, found: found)
      // Without its values files the image is unknown.
      .filter { $0.setting != .image || desired.problem == nil }
  }

  private static func values(
    _ status: InstallationStatus, _ installation: Installation, _ desired: DesiredState
  ) -> [Finding] {
    let files = installation.valuesFiles.map { SafeText.line($0) }
    if let problem = desired.problem {
      return [
        Finding(
          .valuesChanged, status.name, .warning, "\(status.name): its values files cannot be used",
          evidence: [problem.what] + [problem.why].compactMap { $0 } + problem.details.prefix(4),
          remedy:
            "The scale set keeps the values it was deployed with. \(problem.fix ?? "Fix the file"), or name other files",
          action: .edit(.values))
      ]
    }
    let changed = status.scaleSets.filter { $0.valuesDigest != desired.valuesDigest }.map(\.metadata.name)
    guard !changed.isEmpty else { return [] }
    return [
      Finding(
        .valuesChanged, status.name, .warning,
        "\(status.name): its values files are not those it was deployed with",
        evidence: [
          "scale set \(changed.joined(separator: ", ")) was deployed with other values",
          files.isEmpty ? "no values file is configured" : "configured: \(files.joined(separator: ", "))",
        ], remedy: "Deploy the values as they are now", action: .bringUp)
    ]
  }
}
