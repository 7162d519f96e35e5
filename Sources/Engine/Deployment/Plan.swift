import ARC
import Basics
import Installations
import Tools
import ValuesFiles

/// An ordered list of steps that takes a cluster and the configuration from what they are to what is wanted.
///
/// A plan is plain data: it can be shown before it runs, compared in a test, and run again after an interruption,
/// because every step first looks at what is there.
package struct Plan: Sendable, Equatable {
  /// What it does, as a heading: "Add web-ci".
  package var title: String
  /// The steps in the order they run.
  package var steps: [PlanStep]
  /// What the user should know before it runs, one sentence each.
  package var warnings: [String]
  /// What values files change of deskrun's own values, a line each.
  package var notes: [String] = []
  /// The runners with a job that the plan takes away, after their jobs or in the middle of them.
  package var busyRunners: [BusyRunner] = []
  /// The scale sets that are removed and deployed again, for what GitHub reads only once.
  package var recreations: [Recreation] = []
  /// How the Helm values of what is adopted change, one line each. No secret is in them.
  package var valueChanges: [ValueChange] = []
  /// What of the configuration is replaced by what the cluster has, one line each.
  package var takenOver: [String] = []
  /// The cluster that an installation is bound to until then, where the plan binds it to another.
  package var rebinds: ClusterTarget?
  /// The cluster that its context means now, where the plan binds an installation to that instead of the former one.
  package var acceptsCluster: OtherCluster?

  /// The cluster that it was made for; nil if that is not known, or if deskrun creates and deletes it itself.
  package var cluster: PlannedCluster?

  /// The pods that run on a half-created cluster which the plan deletes, as `NAMESPACE/NAME`. To be asked about first.
  package var lostPods: [String] {
    steps.flatMap { step -> [String] in
      if case .deleteHalfCreated(_, let losing) = step.action { losing } else { [] }
    }
  }

  /// Makes a plan.
  package init(title: String, steps: [PlanStep], warnings: [String] = []) {
    self.title = title
    self.steps = steps
    self.warnings = warnings
  }
}

/// One step of a plan.
package struct PlanStep: Sendable, Equatable, Identifiable {
  /// Unique in its plan and stable between runs, for example `secret/web-ci`.
  package var id: String
  /// What it does, in a few words: "secret web-ci-credentials".
  package var title: String
  /// What is known of it beforehand: "is there", "new", "about 1m, once"; nil when nothing is.
  package var forecast: String?
  /// What it does, for the executor.
  package var action: StepAction
  /// The longest it may take.
  package var timeout: Duration

  /// Makes a step.
  package init(id: String, title: String, forecast: String? = nil, action: StepAction, timeout: Duration) {
    self.id = id
    self.title = title
    self.forecast = forecast
    self.action = action
    self.timeout = timeout
  }
}

/// What a step does. What changes or deletes something that may be another's needs a value that only `Ownership` makes.
package enum StepAction: Sendable, Equatable {
  /// Writes an installation into the configuration, in the place of the entry that the plan was made from, or as a new
  /// one; with whether the cluster has something of it already.
  case saveInstallation(Installation, over: Installation?, isDeployed: Bool)
  /// Keeps in the configuration which cluster an installation lives on (nil for deskrun's own kind cluster), and what
  /// distinguishes that from others.
  case keepPlace(InstallationName, ClusterPlace?, ClusterIdentity?)
  /// Resolves the credentials of these installations, so that a missing one is named before anything is touched.
  case checkCredentials([Installation])
  /// Finds these programs and asks their versions.
  case checkTools([ToolName])
  /// Asks whether the container engine answers.
  case checkDocker
  /// Creates the kind cluster, or starts its node, or leaves it alone.
  case ensureCluster(KindClusterConfiguration, OwnedCluster)
  /// Waits until the API answers.
  case reachAPI
  /// Renders these scale sets with the charts of a version, so that a value or a chart that is refused is named before
  /// anything is removed.
  case checkCharts([ScaleSetDeployment], ARCRelease)
  /// Installs or upgrades the controller unless it has the right version.
  case installController(ARCChoice)
  /// Puts the credentials of an installation into a Secret.
  case applySecret(Installation, [OwnedRelease])
  /// Puts the CA certificates of an installation into a ConfigMap.
  case applyCertificates(Installation, [OwnedRelease])
  /// Puts the hook template of a scale set into a ConfigMap.
  case applyHookTemplate(ScaleSetDeployment, OwnedRelease)
  /// Installs or upgrades the Helm release of a scale set.
  case installScaleSet(ScaleSetDeployment, OwnedRelease)
  /// Waits until the scale set of a release is ready; see `Readiness`.
  case verifyListener(scaleSet: String, namespace: String, target: GitHubTarget)
  /// Uninstalls the Helm release of a scale set; its runners go on until their jobs end.
  case uninstallScaleSet(OwnedRelease)
  /// Waits until nothing of a scale set is left.
  case waitForRunners(OwnedRelease, policy: RunnerPolicy)
  /// Takes away what keeps a scale set from going: the last resort.
  case clearFinalizers(OwnedRelease)
  /// Deletes the ConfigMap with the hook template of a scale set.
  case deleteHookTemplate(OwnedRelease)
  /// Deletes the Secret of an installation.
  case deleteSecret(name: InstallationName, namespace: String)
  /// Deletes the ConfigMap with the CA certificates of an installation.
  case deleteCertificates(name: InstallationName, namespace: String)
  /// Makes sure that no scale set of an installation is left in its namespace.
  case confirmRemoved(InstallationName, namespace: String)
  /// Takes an installation out of the configuration.
  case forgetInstallation(InstallationName)
  /// Uninstalls the controller.
  case uninstallController(OwnedController)
  /// Brings ARC's custom resource definitions, which Helm never upgrades, to a version.
  case applyDefinitions(OwnedDefinitions, ARCRelease)
  /// Deletes a kind cluster whose creation was interrupted, with these pods on it: `NAMESPACE/NAME`.
  case deleteHalfCreated(OwnedCluster, losing: [String])
  /// Deletes the kind cluster.
  case deleteCluster(OwnedCluster)
  /// Stop the kind cluster's node; everything in it stays.
  case stopNode(OwnedCluster)
  /// Delete one object, which its controller replaces.
  case deleteObject(OwnedObject)
  /// Delete files of deskrun's on this computer.
  case removeOwn(OwnFiles)
}

/// What happens to the runners that have a job when their scale set is removed.
package enum RunnerPolicy: Sendable, Equatable {
  /// They finish their jobs first.
  case finishJobs
  /// They are stopped; their jobs fail.
  case interrupt
}

/// One scale set as it is to be deployed.
package struct ScaleSetDeployment: Sendable, Equatable {
  /// The scale set: Helm release and `runs-on` label.
  package var name: String
  /// The installation it belongs to.
  package var installation: InstallationName
  /// What its own Helm values are made of.
  package var values: ScaleSetValues
  /// The Helm values of its release: its own with the mark that deskrun deployed it, and those of values files.
  package var merged: MergedValues

  /// The namespace of its release.
  package var namespace: String { values.input.settings.namespace ?? ClusterTarget.namespace }
  /// The values of its release.
  package var releaseValues: JSONValue { merged.json }
  /// The identity of the configuration it is deployed from.
  package var owner: String

  /// Describes one.
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
