import Basics

/// The Helm values of one scale set, for chart `ARCCharts.scaleSetChart` in the versions of `SupportedARC`.
///
/// The chart replaces lists as a whole, so the container `runner` always carries image and command: the image has no
/// entry point of its own, and a runner without command ends at once with status 0, for ever.
package struct ScaleSetValues: Sendable, Equatable {
  /// What the values are made of, beyond the installation itself.
  package struct Input: Sendable, Equatable {
    /// The scale set's name.
    package var scaleSet: String
    /// The URL of what it serves.
    package var githubURL: String
    /// The Secret with the credentials, in the same namespace. Only its name goes into the values.
    package var secretName: String
    /// How jobs get containers.
    package var mode: ContainerMode
    /// Runners that wait.
    package var minimum: Int
    /// Runners at most.
    package var maximum: Int
    /// The runner's image.
    package var image: String
    /// Labels besides the name.
    package var labels: [String]
    /// Caches, mounts and claims, resolved.
    package var volumes: [HostVolume]
    /// Storage class of the work volume where the settings name none, or nil for the cluster's default.
    package var storageClass: String?
    /// What is set of the runners' pods.
    package var settings: PodSettings
    /// The ConfigMap with the certificates that GitHub's server is trusted by; nil for those of the system.
    package var certificates: String?
    /// The image of containers that need what the runner's image has, where a values file gives the runner another one.
    package var helperImage: String?
    /// Whether the pod of the mode `dind` is written out rather than left to the chart, also without need.
    package var writesOutDocker = false

    /// Collects the input.
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

  /// What they were made of.
  package var input: Input

  /// Makes values.
  package init(_ input: Input) { self.input = input }

  /// The name of the ConfigMap that holds the hook template of a scale set. One each: two runners that shared one
  /// would see each other's caches.
  package static func hookTemplateName(scaleSet: String) -> String { "\(scaleSet)-hook-template" }

  /// Where the runner finds its hook template.
  static let hookTemplateMountPath = "/etc/hooks"
  /// The key in the ConfigMap, which is the file's name below the mount path.
  package static let hookTemplateKey = "content"

  /// The values as a JSON document, which is YAML too. Counts are bare numbers: the chart drops quoted ones silently.
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
      // Without a work claim the API server refuses the scale set.
      var claim: JSONObject = ["accessModes": ["ReadWriteOnce"]]
      if let storageClass = input.settings.storageClass ?? input.storageClass {
        claim["storageClassName"] = .string(storageClass)
      }
      claim["resources"] = ["requests": ["storage": .string(input.settings.workSize ?? Self.standardWorkSize)]]
      return ["type": "kubernetes", "kubernetesModeWorkVolumeClaim": .object(claim)]
    case .cachedPrivilegedKubernetes: return ["type": "kubernetes-novolume"]
    case .dind:
      // The chart's own daemon cannot be given a volume, an image or arguments, so then the pod is written out instead.
      return writesOutDocker ? nil : ["type": "dind"]
    }
  }

  /// The size of the work volume where none is chosen.
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

  /// The runner container with the two things it must always have.
  package var runner: Container {
    Container(
      name: "runner", image: input.image, pullPolicy: input.settings.pullPolicy, command: ARCCharts.runnerCommand)
  }

  /// A container beside the runner that needs what its image has.
  func helper(_ name: String) -> Container {
    Container(name: name, image: input.helperImage ?? input.image, pullPolicy: input.settings.pullPolicy)
  }
}
