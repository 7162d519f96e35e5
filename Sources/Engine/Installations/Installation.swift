import ARC
import Basics

/// An installation: a name that workflows use in `runs-on`, for a repository, organization or enterprise.
///
/// Its parts are validated by their own initializers; `Installation.init` validates their combination.
package struct Installation: Sendable, Equatable {
  /// The name: scale set, Helm release and `runs-on` label.
  package var name: InstallationName
  /// The repository, organization or enterprise.
  package var target: GitHubTarget
  /// How its jobs run containers.
  package var mode: ContainerMode
  /// The number of runners to keep idle, and the maximum number.
  package var runners: RunnerCounts
  /// Directories kept on the host between jobs.
  package var caches: [CachePath]
  /// Other host paths mounted into runners.
  package var mounts: [Mount]
  /// Number of scale sets; if more than one, they are named NAME-1 to NAME-N with one runner each.
  package var instances: Int
  /// The runner's image, or nil for the default.
  package var image: String?
  /// Labels besides the name that workflows can use (ARC 0.14 and newer).
  package var labels: [String]
  /// How it authenticates with GitHub.
  package var authentication: Authentication
  /// Settings of its runners' pods.
  package var settings: PodSettings
  /// Helm values files to merge, in order: absolute paths, with `#PART` to use only a part.
  package var valuesFiles: [String]
  /// The file whose settings were imported into the installation, which has determined them since.
  package var importedValues: String?
  /// Its cluster; nil for deskrun's own kind cluster. Set by the plan that deploys a new installation and never changed
  /// by an edit.
  package var place: ClusterPlace?

  /// Creates an installation.
  ///
  /// - Throws: `EngineError` of kind `invalid` if the parts are incompatible.
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
