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
    /// Caches and mounts, resolved.
    package var volumes: [HostVolume]
    /// Storage class of the work volume, or nil for the cluster's default.
    package var storageClass: String?

    /// Collects the input.
    package init(
      scaleSet: String, githubURL: String, secretName: String, mode: ContainerMode, minimum: Int, maximum: Int,
      image: String = ARCCharts.defaultRunnerImage, labels: [String] = [], volumes: [HostVolume] = [],
      storageClass: String? = nil
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
      if let storageClass = input.storageClass { claim["storageClassName"] = .string(storageClass) }
      claim["resources"] = ["requests": ["storage": "10Gi"]]
      return ["type": "kubernetes", "kubernetesModeWorkVolumeClaim": .object(claim)]
    case .cachedPrivilegedKubernetes: return ["type": "kubernetes-novolume"]
    case .dind:
      // The chart's own daemon cannot be given a volume, so with volumes the pod is written out instead.
      return input.volumes.isEmpty ? ["type": "dind"] : nil
    }
  }

  private var template: PodSpec {
    switch input.mode {
    case .kubernetes: kubernetesPod
    case .cachedPrivilegedKubernetes: privilegedPod
    case .dind: input.volumes.isEmpty ? PodSpec(containers: [runner]) : dindPod
    }
  }

  /// The runner container with the two things it must always have.
  package var runner: Container { Container(name: "runner", image: input.image, command: ARCCharts.runnerCommand) }
}
