import ARC
import Basics

/// One installation: a name that workflows write in `runs-on`, for one repository, organization or enterprise.
///
/// Its parts are validated by their own initialisers; `Installation.init` checks what concerns several of them.
package struct Installation: Sendable, Equatable {
  /// The name: scale set, Helm release and `runs-on` label.
  package var name: InstallationName
  /// What it serves.
  package var target: GitHubTarget
  /// How its jobs get containers.
  package var mode: ContainerMode
  /// How many runners wait when there is nothing to do, and how many there may be.
  package var runners: RunnerCounts
  /// Directories kept on the host between jobs.
  package var caches: [CachePath]
  /// Other host paths that runners see.
  package var mounts: [Mount]
  /// Number of scale sets, named NAME-1 to NAME-N with one runner each, when more than one.
  package var instances: Int
  /// The runner's image, or nil for the default.
  package var image: String?
  /// Labels besides the name that workflows can ask for (ARC 0.14 and newer).
  package var labels: [String]
  /// How it proves to GitHub who it is.
  package var authentication: Authentication
  /// What is set of its runners' pods.
  package var settings: PodSettings
  /// Files of Helm values that are merged, in their order: absolute paths, each with `#PART` where a part is meant.
  package var valuesFiles: [String]
  /// The one among them whose own settings were moved into the installation, which decides them since.
  package var importedValues: String?
  /// The cluster it lives on; nil for deskrun's own kind cluster. A new one is given it by the plan that deploys it, and no
  /// edit changes it.
  package var place: ClusterPlace?

  /// Makes an installation.
  ///
  /// - Throws: `EngineError` of kind `invalid` when the parts do not go together.
  package init(
    name: InstallationName,
    target: GitHubTarget,
    mode: ContainerMode = .kubernetes,
    runners: RunnerCounts = RunnerCounts.standard,
    caches: [CachePath] = [],
    mounts: [Mount] = [],
    instances: Int = 1,
    image: String? = nil,
    labels: [String] = [],
    authentication: Authentication,
    settings: PodSettings = PodSettings(),
    valuesFiles: [String] = [],
    importedValues: String? = nil
  ) throws(EngineError) {
    self.name = name
    self.target = target
    self.mode = mode
    self.runners = runners
    self.caches = caches
    self.mounts = mounts
    self.instances = instances
    self.image = image
    self.labels = labels
    self.authentication = authentication
    self.settings = settings
    self.valuesFiles = valuesFiles
    self.importedValues = valuesFiles.contains { $0 == importedValues } ? importedValues : nil
    try validate()
  }
}
