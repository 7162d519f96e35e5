import ARC
import Basics
import Installations
import Tools
import ValuesFiles

/// An ordered list of steps that bring the cluster and the configuration into the desired state.
///
/// A plan is plain data: it can be shown before it runs, compared in a test, and run again after an interruption,
/// because every step first checks the current state.
package struct Plan: Sendable, Equatable {
  /// Shown as a heading: "Add web-ci".
  package var title: String
  package var steps: [PlanStep]
  /// Warnings to show before it runs, one sentence each.
  package var warnings: [String]
  /// What values files change in deskrun's own values, one line each.
  package var notes: [String] = []
  /// The busy runners that the plan removes, either after their jobs or by interrupting them.
  package var busyRunners: [BusyRunner] = []
  /// The scale sets that are removed and deployed again, because GitHub reads a changed setting only once.
  package var recreations: [Recreation] = []
  /// How the Helm values of adopted scale sets change. They contain no secrets.
  package var valueChanges: [ValueChange] = []
  /// The configured settings that are replaced by those in the cluster, one line each.
  package var takenOver: [String] = []
  /// The cluster that an installation was bound to, if the plan binds it to another one.
  package var rebinds: ClusterTarget?
  /// The cluster that the context now points to, if the plan accepts it in place of the former one.
  package var acceptsCluster: OtherCluster?

  /// The cluster that the plan was made for; nil if unknown, or if deskrun creates and deletes it itself.
  package var cluster: PlannedCluster?

  /// The pods running on a half-created cluster that the plan deletes, as `NAMESPACE/NAME`; the user has to confirm.
  package var lostPods: [String] {
    steps.flatMap { step -> [String] in
      if case .deleteHalfCreated(_, let losing) = step.action { losing } else { [] }
    }
  }

  package init(title: String, steps: [PlanStep], warnings: [String] = []) {
    self.title = title
    self.steps = steps
    self.warnings = warnings
  }
}

package struct PlanStep: Sendable, Equatable, Identifiable {
  /// Unique in its plan and the same in each run, for example `secret/web-ci`.
  package var id: String
  /// What it does, in a few words: "secret web-ci-credentials".
  package var title: String
  /// The expected result: "exists", "new", "about 1m, once"; nil if unknown.
  package var forecast: String?
  package var action: StepAction
  package var timeout: Duration

  package init(id: String, title: String, forecast: String? = nil, action: StepAction, timeout: Duration) {
    self.id = id
    self.title = title
    self.forecast = forecast
    self.action = action
    self.timeout = timeout
  }
}

/// The action of a step. If it changes or deletes something that may have another owner, it needs a value that only
/// `Ownership` creates.
package enum StepAction: Sendable, Equatable {
  /// Writes an installation into the configuration, as a new entry or over the one that the plan was made from.
  /// `isDeployed` tells whether a part of it is already in the cluster.
  case saveInstallation(Installation, over: Installation?, isDeployed: Bool)
  /// Stores which cluster an installation is on (nil for deskrun's own kind cluster), and the identity of that cluster.
  case keepPlace(InstallationName, ClusterPlace?, ClusterIdentity?)
  /// Resolves the credentials of these installations, so that missing ones are reported before anything is changed.
  case checkCredentials([Installation])
  /// Finds these programs and reads their versions.
  case checkTools([ToolName])
  /// Checks whether the container engine responds.
  case checkDocker
  /// Creates the kind cluster or starts its node, if necessary.
  case ensureCluster(KindClusterConfiguration, OwnedCluster)
  /// Waits until the API responds.
  case reachAPI
  /// Renders these scale sets with the charts of a version, so that a rejected value or chart is reported before
  /// anything is removed.
  case checkCharts([ScaleSetDeployment], ARCRelease)
  /// Installs or upgrades the controller unless it has the right version.
  case installController(ARCChoice)
  /// Creates or updates the Secret with an installation's credentials.
  case applySecret(Installation, [OwnedRelease])
  /// Creates or updates the ConfigMap with an installation's CA certificates.
  case applyCertificates(Installation, [OwnedRelease])
  /// Creates or updates the ConfigMap with a scale set's hook template.
  case applyHookTemplate(ScaleSetDeployment, OwnedRelease)
  /// Installs or upgrades the Helm release of a scale set.
  case installScaleSet(ScaleSetDeployment, OwnedRelease)
  /// Waits until the scale set of a release is ready; see `Readiness`.
  case verifyListener(scaleSet: String, namespace: String, target: GitHubTarget)
  /// Uninstalls the Helm release of a scale set; its busy runners finish their jobs.
  case uninstallScaleSet(OwnedRelease)
  /// Waits until all objects of a scale set are deleted.
  case waitForRunners(OwnedRelease, policy: RunnerPolicy)
  /// Removes the finalizers that prevent a scale set's deletion, as a last resort.
  case clearFinalizers(OwnedRelease)
  /// Deletes the ConfigMap with the hook template of a scale set.
  case deleteHookTemplate(OwnedRelease)
  /// Deletes the Secret of an installation.
  case deleteSecret(name: InstallationName, namespace: String)
  /// Deletes the ConfigMap with the CA certificates of an installation.
  case deleteCertificates(name: InstallationName, namespace: String)
  /// Checks that no scale set of an installation is left in its namespace.
  case confirmRemoved(InstallationName, namespace: String)
  /// Removes an installation from the configuration.
  case forgetInstallation(InstallationName)
  /// Uninstalls the controller.
  case uninstallController(OwnedController)
  /// Changes ARC's custom resource definitions, which Helm never upgrades, to those of a version.
  case applyDefinitions(OwnedDefinitions, ARCRelease)
  /// Deletes a kind cluster whose creation was interrupted, with these pods running on it: `NAMESPACE/NAME`.
  case deleteHalfCreated(OwnedCluster, losing: [String])
  /// Deletes the kind cluster.
  case deleteCluster(OwnedCluster)
  /// Stops the kind cluster's node; its contents are kept.
  case stopNode(OwnedCluster)
  /// Deletes one object, which its controller replaces.
  case deleteObject(OwnedObject)
  /// Deletes files of deskrun on this computer.
  case removeOwn(OwnFiles)
}

/// What happens to busy runners when their scale set is removed.
package enum RunnerPolicy: Sendable, Equatable {
  /// They finish their jobs first.
  case finishJobs
  /// They are stopped; their jobs fail.
  case interrupt
}

/// The desired state of a scale set.
package struct ScaleSetDeployment: Sendable, Equatable {
  /// The name of the scale set and its Helm release, and its `runs-on` label.
  package var name: String
  package var installation: InstallationName
  /// The input for its own Helm values.
  package var values: ScaleSetValues
  /// The Helm values of its release: its own with the ownership labels, merged with those of values files.
  package var merged: MergedValues

  package var namespace: String { values.input.settings.namespace ?? ClusterTarget.namespace }
  package var releaseValues: JSONValue { merged.json }
  /// The identity of the configuration it is deployed from.
  package var owner: String

  package init(
    name: String, installation: InstallationName, values: ScaleSetValues, merged: MergedValues, owner: String
  ) {
    self.name = name
    self.owner = owner
    self.installation = installation
    self.values = values
    self.merged = merged
  }
}
