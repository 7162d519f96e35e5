import Basics

/// The Helm values of a scale set, for chart `ARCCharts.scaleSetChart` in the versions of `SupportedARC`.
///
/// The chart replaces lists as a whole, so the container `runner` always has image and command: the image has no entry
/// point, and a runner without command exits immediately with status 0 and is recreated endlessly.
package struct ScaleSetValues: Sendable, Equatable {
  /// The input from which the values are created.
  package struct Input: Sendable, Equatable {
    package var scaleSet: String
    /// The URL of the repository, organization or enterprise.
    package var githubURL: String
    /// The Secret with the credentials, in the same namespace. The values contain only its name.
    package var secretName: String
    /// How jobs run in containers.
    package var mode: ContainerMode
    /// The minimum number of runners.
    package var minimum: Int
    /// The maximum number of runners.
    package var maximum: Int
    package var image: String
    /// Labels besides the name.
    package var labels: [String]
    /// Caches, mounts and claims, resolved.
    package var volumes: [HostVolume]
    /// The storage class of the work volume if the settings contain none; nil for the cluster's default.
    package var storageClass: String?
    /// The settings for runner pods.
    package var settings: PodSettings
    /// The ConfigMap with the CA certificates to trust for GitHub's server; nil for the system's.
    package var certificates: String?
    /// The image for containers that need the tools of the runner image, if a values file sets another image for the
    /// runner.
    package var helperImage: String?
    /// Whether to write out the pod of the mode `dind` instead of leaving it to the chart, even if not required.
    package var writesOutDocker = false

    package init(
      scaleSet: String, githubURL: String, secretName: String, mode: ContainerMode, minimum: Int, maximum: Int,
      image: String = ARCCharts.defaultRunnerImage, labels: [String] = [], volumes: [HostVolume] = [],
      storageClass: String? = nil, settings: PodSettings = PodSettings(), certificates: String? = nil
    ) {
      self.scaleSet = scaleSet
      self.githubURL = githubURL
      self.secretName = secretName
      self.mode = mode
      self.minimum = minimum
      self.maximum = maximum
      self.image = image
      self.labels = labels
      self.volumes = volumes
      self.storageClass = storageClass
      self.settings = settings
      self.certificates = certificates
    }
  }

  /// The input that the values are created from.
  package var input: Input

  package init(_ input: Input) { self.input = input }

  /// The name of the ConfigMap with a scale set's hook template. Each scale set has its own: with a shared one, runners
  /// would mount each other's caches.
  package static func hookTemplateName(scaleSet: String) -> String { "\(scaleSet)-hook-template" }

  /// The mount path of the hook template in the runner.
  static let hookTemplateMountPath = "/etc/hooks"
  /// The key in the ConfigMap, which is also the file name below the mount path.
  package static let hookTemplateKey = "content"

  /// The values as a JSON document, which is valid YAML. Counts are numbers: the chart silently ignores quoted ones.
  package var json: JSONValue {
    var object: JSONObject = [
      "githubConfigUrl": .string(input.githubURL),
      "githubConfigSecret": .string(input.secretName),
      "runnerScaleSetName": .string(input.scaleSet),
    ]
    if !input.labels.isEmpty { object["scaleSetLabels"] = .array(input.labels.map(JSONValue.string)) }
    if let group = input.settings.runnerGroup { object["runnerGroup"] = .string(group) }
    if let proxy = input.settings.proxy.json { object["proxy"] = proxy }
    if let certificates = input.certificates { object["githubServerTLS"] = CertificateMap.json(certificates) }
    object["minRunners"] = .int(input.minimum)
    object["maxRunners"] = .int(input.maximum)
    if let containerMode { object["containerMode"] = containerMode }
    object["template"] = ["spec": template.json]
    return .object(object)
  }

  private var containerMode: JSONValue? {
    switch input.mode {
    case .kubernetes:
      // The API server rejects a scale set without a work claim.
      var claim: JSONObject = ["accessModes": ["ReadWriteOnce"]]
      if let storageClass = input.settings.storageClass ?? input.storageClass {
        claim["storageClassName"] = .string(storageClass)
      }
      claim["resources"] = ["requests": ["storage": .string(input.settings.workSize ?? Self.standardWorkSize)]]
      return ["type": "kubernetes", "kubernetesModeWorkVolumeClaim": .object(claim)]
    case .cachedPrivilegedKubernetes: return ["type": "kubernetes-novolume"]
    case .dind:
      // The chart's own daemon does not support additional volumes, images or arguments, so the pod is written out
      // instead.
      return writesOutDocker ? nil : ["type": "dind"]
    }
  }

  /// The default size of the work volume.
  package static let standardWorkSize = "10Gi"

  /// Whether the pod of the mode `dind` is written out.
  package var writesOutDocker: Bool {
    input.mode == .dind
      && (input.writesOutDocker || !input.volumes.isEmpty || input.settings.dindImage != nil
        || !input.settings.dindArguments.isEmpty)
  }

  private var template: PodSpec {
    var pod =
      switch input.mode {
      case .kubernetes: kubernetesPod
      case .cachedPrivilegedKubernetes: privilegedPod
      case .dind: writesOutDocker ? dindPod : PodSpec(containers: [runner])
      }
    let settings = input.settings
    if let at = pod.containers.firstIndex(where: { $0.name == "runner" }) {
      for variable in settings.environment {
        pod.containers[at].environment.removeAll { $0.name == variable.name }
        pod.containers[at].environment.append(variable)
      }
      pod.containers[at].secretEnvironments = settings.secretEnvironments
      pod.containers[at].resources = settings.resources
    }
    pod.serviceAccount = settings.serviceAccount
    settings.place(&pod)
    return pod
  }

  /// The runner container with the required image and command.
  package var runner: Container {
    Container(
      name: "runner", image: input.image, pullPolicy: input.settings.pullPolicy, command: ARCCharts.runnerCommand)
  }

  /// An additional container that needs the tools of the runner image.
  func helper(_ name: String) -> Container {
    Container(name: name, image: input.helperImage ?? input.image, pullPolicy: input.settings.pullPolicy)
  }
}
