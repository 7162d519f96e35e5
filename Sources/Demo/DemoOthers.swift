import Engine

/// Demo scale sets deployed by others, each in a separate namespace.
enum DemoOthers {
  /// Deploys them if missing, with a creation time one hour ago.
  static func plant(_ state: inout DemoState) {
    let then = DemoClock(state: state, wall: DemoStore.wallClock()).now - 3600
    func plant(
      _ name: String, in namespace: String, url: String, most: Int, labels: [String: String],
      annotations: [String: String]
    ) {
      guard state.releases[name] == nil else { return }
      let values: JSONValue = [
        "githubConfigUrl": .string(url), "githubConfigSecret": "github", "minRunners": 1, "maxRunners": .int(most),
        "template": ["spec": ["containers": [["name": "runner", "command": ["/home/runner/run.sh"]]]]],
      ]
      state.releases[name] = .init(
        chart: "gha-runner-scale-set",
        version: state.definitions ?? SupportedARC.newest.description, values: values.encoded(), namespace: namespace,
        labels: labels, annotations: annotations, installedAt: then, templateSince: then)
    }
    // Argo CD renders charts itself, so no Helm release exists.
    plant(
      "monorepo-ci", in: "platform", url: "https://github.com/acme/monorepo", most: 4, labels: [:],
      annotations: [
        "argocd.argoproj.io/tracking-id":
          "platform-runners:actions.github.com/AutoscalingRunnerSet:platform/monorepo-ci"
      ])
    plant(
      "gpu-ci", in: "team-a", url: "https://github.com/acme/models", most: 2, labels: [:],
      annotations: ["meta.helm.sh/release-name": "gpu-ci", "meta.helm.sh/release-namespace": "team-a"])
  }
}
