import ARC
import Basics
import Installations
import ValuesFiles

/// The Helm values of a scale set of an installation as they should be.
package struct DesiredValues: Sendable, Equatable {
  /// The scale set's name.
  package var scaleSet: String
  /// What deskrun's own values are made of.
  package var values: ScaleSetValues
  /// What Helm gets: with the mark, and with the values files.
  package var merged: MergedValues

  /// The Secret with the credentials of an installation.
  package static func secretName(_ installation: InstallationName) -> String { "\(installation)-credentials" }

  /// The ConfigMap with the certificates of an installation.
  package static func certificatesName(_ installation: InstallationName) -> String {
    CertificateMap.name(installation: installation.description)
  }

  /// Those of each scale set of an installation.
  ///
  /// - Parameters:
  ///   - isKind: whether the cluster is deskrun's own.
  ///   - cacheRoot: the folder of caches on this computer.
  ///   - owner: the identity of the configuration.
  ///   - arc: the version of ARC whose keys are known.
  /// - Throws: `EngineError` of kind `invalid` when a values file cannot be read or merged.
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
      ) { OwnershipMark.marking($0, installation: installation.name.description, owner: owner) }
      all.append(DesiredValues(scaleSet: spec.name, values: values, merged: merged))
    }
    return all
  }
}
