import ARC
import Basics
import Installations
import ValuesFiles

/// The desired Helm values of an installation's scale set.
package struct DesiredValues: Sendable, Equatable {
  package var scaleSet: String
  /// The values that deskrun itself generates.
  package var values: ScaleSetValues
  /// The values for Helm, including the mark and the values files.
  package var merged: MergedValues

  /// The name of the Secret with an installation's credentials.
  package static func secretName(_ installation: InstallationName) -> String { "\(installation.plain)-credentials" }

  /// The name of the ConfigMap with an installation's certificates.
  package static func certificatesName(_ installation: InstallationName) -> String {
    CertificateMap.name(installation: installation.plain)
  }

  /// The desired values of all scale sets of an installation.
  ///
  /// - Parameters:
  ///   - isKind: whether the cluster is deskrun's own.
  ///   - cacheRoot: the cache folder on this computer.
  ///   - owner: the identity of the configuration.
  ///   - arc: the ARC version, which determines the known keys.
  /// - Throws: `EngineError` of kind `invalid` if a values file cannot be read or merged.
  package static func list(
    _ installation: Installation, isKind: Bool, cacheRoot: String, owner: String, arc: ARCRelease = SupportedARC.newest
  ) throws(EngineError) -> [DesiredValues] {
    var files: [ValuesFile] = []
    for file in installation.valuesFiles { files.append(try ValuesFile.read(ValuesReference(file))) }
    let imported = Set(installation.importedValues.map { [$0] } ?? [])
    var all: [DesiredValues] = []
    for spec in installation.scaleSets {
      let values = ScaleSetValues(
        .init(
          scaleSet: spec.name, githubURL: installation.target.url, secretName: secretName(installation.name),
          mode: installation.mode, minimum: spec.runners.minimum, maximum: spec.runners.maximum,
          image: installation.image ?? ARCCharts.defaultRunnerImage, labels: installation.labels,
          volumes: CacheLocation.volumes(
            of: installation, scaleSet: spec.name, isKind: isKind, cacheRoot: cacheRoot),
          storageClass: isKind ? "standard" : nil, settings: installation.settings,
          certificates: installation.settings.certificates == nil ? nil : certificatesName(installation.name)))
      let merged = try MergedValues(
        values, files: files, imported: imported, chartVersion: arc.description
      ) { OwnershipMark.marking($0, installation: installation.name.plain, owner: owner) }
      all.append(DesiredValues(scaleSet: spec.name, values: values, merged: merged))
    }
    return all
  }
}
