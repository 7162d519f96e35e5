import ARC

extension MergeCase {
  private static let runner = "template spec containers runner"

  static let all: [MergeCase] = [
    MergeCase(
      name: "nothing", file: "",
      expected: [("\(runner) image", "ghcr.io/actions/actions-runner:latest"), ("minRunners", 1)]),
    MergeCase(
      name: "a limit alone keeps privileged, cache and variables", mode: .cachedPrivilegedKubernetes,
      file: "template: {spec: {containers: [{name: runner, resources: {limits: {memory: 4Gi}}}]}}",
      expected: [
        ("\(runner) resources limits memory", "4Gi"), ("\(runner) securityContext privileged", true),
        ("\(runner) volumeMounts /cargo name", "cache-0"), ("\(runner) env RUNNER_ALLOW_RUNASROOT value", "1"),
        ("\(runner) command", ["/home/runner/run.sh"]),
        ("template spec volumes cache-0 hostPath path", "/host-cache/web"),
      ]),
    MergeCase(
      name: "a sidecar alone keeps the runner",
      file: "template:\n  spec:\n    containers:\n    - name: proxy\n      image: nginx:1.27\n",
      expected: [
        ("template spec containers 0 name", "runner"), ("template spec containers 1 name", "proxy"),
        ("\(runner) command", ["/home/runner/run.sh"]),
      ]),
    MergeCase(
      name: "an image is replaced, also for what prepares caches",
      file: "template: {spec: {containers: [{image: example.com/r:1, name: runner}]}}",
      expected: [
        ("\(runner) image", "example.com/r:1"),
        ("template spec initContainers prepare-caches image", "example.com/r:1"),
        ("\(runner) command", ["/home/runner/run.sh"]),
      ], notes: ["/v.yaml:1 replaces template.spec.containers[runner].image: ghcr.io/"]),
    MergeCase(
      name: "the same image is no change",
      file: "template: {spec: {containers: [{name: runner, image: \"ghcr.io/actions/actions-runner:latest\"}]}}",
      expected: [("\(runner) image", "ghcr.io/actions/actions-runner:latest")]),
    MergeCase(
      name: "a variable is added",
      file: "template: {spec: {containers: [{name: runner, env: [{name: HTTP_PROXY, value: \"http://p:3128\"}]}]}}",
      expected: [
        ("\(runner) env HTTP_PROXY value", "http://p:3128"),
        ("\(runner) env ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER value", "false"),
      ]),
    MergeCase(
      name: "a variable of deskrun's is replaced as a whole",
      file: """
        template:
          spec:
            containers:
            - name: runner
              env:
              - name: ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER
                value: "true"
        """,
      expected: [("\(runner) env ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER value", "true")],
      notes: ["/v.yaml:6 replaces template.spec.containers[runner].env[ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER]"]),
    MergeCase(
      name: "a variable has one source",
      file: """
        template: {spec: {containers: [{name: runner, env: [
          {name: ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}}
        """,
      expected: [
        ("\(runner) env ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER value", nil),
        ("\(runner) env ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER valueFrom secretKeyRef key", "k"),
      ], notes: ["/v.yaml:2 replaces"]),
    MergeCase(
      name: "a command replaces as a list",
      file: "template: {spec: {containers: [{name: runner, command: [bash, -c, run]}]}}",
      expected: [("\(runner) command", ["bash", "-c", "run"])],
      notes: ["/v.yaml:1 replaces template.spec.containers[runner].command: [\"/home/runner/run.sh\"] -> "]),
    MergeCase(
      name: "capabilities replace as a list", mode: .cachedPrivilegedKubernetes,
      file: "template: {spec: {containers: [{name: runner, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]}}",
      expected: [
        ("\(runner) securityContext capabilities add", ["SYS_ADMIN"]), ("\(runner) securityContext privileged", true),
      ], notes: ["/v.yaml:1 replaces template.spec.containers[runner].securityContext.capabilities.add"]),
    MergeCase(
      name: "a security context merges", mode: .cachedPrivilegedKubernetes,
      file: "template: {spec: {securityContext: {fsGroup: 123}}}",
      expected: [("template spec securityContext fsGroup", 123), ("template spec securityContext runAsUser", 0)],
      notes: ["/v.yaml:1 replaces template.spec.securityContext.fsGroup: 0 -> 123"]),
    MergeCase(
      name: "null removes a mapping's key",
      file: "template: {spec: {initContainers: null}}",
      expected: [("template spec initContainers", nil), ("\(runner) image", "ghcr.io/actions/actions-runner:latest")],
      notes: ["/v.yaml:1 removes template.spec.initContainers"]),
    MergeCase(
      name: "null removes a key of an item",
      file:
        "template: {spec: {containers: [{name: runner, volumeMounts: ~, resources: {limits: ~, requests: {cpu: 1}}}]}}",
      expected: [
        ("\(runner) volumeMounts", nil), ("\(runner) resources limits", nil), ("\(runner) resources requests cpu", 1),
      ], notes: ["/v.yaml:1 removes template.spec.containers[runner].volumeMounts"]),
    MergeCase(
      name: "null of what nobody gives is nothing", file: "template: {metadata: ~}\ngithubServerTLS: ~\n",
      expected: [("template metadata", nil), ("githubServerTLS", nil)]),
    MergeCase(
      name: "a mount at the same path is changed",
      file:
        "template: {spec: {containers: [{name: runner, volumeMounts: [{name: mine, mountPath: /cargo, subPath: a}]}]}}",
      expected: [
        ("\(runner) volumeMounts /cargo name", "mine"), ("\(runner) volumeMounts /cargo subPath", "a"),
        ("\(runner) volumeMounts /etc/hooks name", "hook-template"),
      ], notes: ["/v.yaml:1 replaces template.spec.containers[runner].volumeMounts[/cargo].name: cache-0 -> mine"]),
    MergeCase(
      name: "a volume is added, one of the same name is replaced as a whole",
      file: "template: {spec: {volumes: [{name: extra, emptyDir: {}}, {name: cache-0, emptyDir: {medium: Memory}}]}}",
      expected: [
        ("template spec volumes extra emptyDir", [:]), ("template spec volumes cache-0 emptyDir medium", "Memory"),
        ("template spec volumes cache-0 hostPath", nil),
        ("template spec volumes hook-template configMap name", "web-hook-template"),
      ], notes: ["/v.yaml:1 replaces template.spec.volumes[cache-0]"]),
    MergeCase(
      name: "placing",
      file: "template: {spec: {nodeSelector: {disk: ssd}, tolerations: [{key: ci, operator: Exists}]}}",
      expected: [("template spec nodeSelector disk", "ssd"), ("template spec tolerations 0 key", "ci")]),
    MergeCase(
      name: "the work claim merges",
      file: "containerMode: {kubernetesModeWorkVolumeClaim: {resources: {requests: {storage: 50Gi}}}}",
      expected: [
        ("containerMode kubernetesModeWorkVolumeClaim resources requests storage", "50Gi"),
        ("containerMode kubernetesModeWorkVolumeClaim accessModes", ["ReadWriteOnce"]),
        ("containerMode type", "kubernetes"),
      ],
      notes: ["/v.yaml:1 replaces containerMode.kubernetesModeWorkVolumeClaim.resources.requests.storage: 10Gi -> 50Gi"]
    ),
    MergeCase(
      name: "owned keys that say the same are no conflict",
      file: """
        githubConfigUrl: https://github.com/acme/web/
        githubConfigSecret: web-credentials
        runnerScaleSetName: web
        minRunners: 1
        maxRunners: 5
        scaleSetLabels: [big]
        runnerGroup: default
        namespaceOverride: ""
        containerMode: {type: kubernetes}
        """,
      expected: [
        ("githubConfigUrl", "https://github.com/acme/web"), ("maxRunners", 5), ("runnerGroup", nil),
        ("namespaceOverride", nil), ("containerMode kubernetesModeWorkVolumeClaim resources requests storage", "10Gi"),
      ]),
    MergeCase(
      name: "labels and annotations are added to the mark", file: "labels: {team: web}\nannotations: {a.b/c: d}\n",
      expected: [("labels team", "web"), ("labels deskrun/installation", "web"), ("annotations a.b/c", "d")]),
    MergeCase(
      name: "pod metadata", file: "template: {metadata: {labels: {app: ci}, annotations: {x: \"1\"}}}",
      expected: [("template metadata labels app", "ci"), ("template metadata annotations x", "1")]),
    MergeCase(
      name: "an anchor used twice",
      file: """
        x-env: &env
          - {name: HTTP_PROXY, value: "http://p"}
        template:
          spec:
            containers:
              - name: runner
                env: *env
              - name: side
                image: busybox
                env: *env
        """,
      expected: [
        ("\(runner) env HTTP_PROXY value", "http://p"),
        ("template spec containers side env HTTP_PROXY value", "http://p"),
      ]),
    MergeCase(
      name: "root is allowed to run", file: "template: {spec: {securityContext: {runAsUser: 0}}}",
      expected: [("\(runner) env RUNNER_ALLOW_RUNASROOT value", "1")],
      notes: ["RUNNER_ALLOW_RUNASROOT=1 is added: /v.yaml:1"]),
    MergeCase(
      name: "a user of the container counts before the pod's",
      file:
        "template: {spec: {securityContext: {runAsUser: 0}, containers: [{name: runner, securityContext: {runAsUser: 1001}}]}}",
      expected: [("\(runner) env RUNNER_ALLOW_RUNASROOT", nil)]),
    MergeCase(
      name: "dind of one's own as init containers", mode: .dind,
      file: """
        template:
          spec:
            initContainers:
              - name: dind
                image: docker:27-dind
                args: [dockerd, --mtu=1400]
            volumes:
              - name: dind-sock
                emptyDir: {}
        """,
      expected: [
        ("containerMode", nil), ("template spec initContainers dind image", "docker:27-dind"),
        ("template spec initContainers dind restartPolicy", "Always"),
        ("template spec initContainers init-dind-externals command 0", "cp"),
        ("\(runner) env DOCKER_HOST value", "unix:///var/run/docker.sock"),
        ("\(runner) volumeMounts /cargo name", "cache-0"),
      ],
      notes: [
        "/v.yaml:5 replaces template.spec.initContainers[dind].image",
        "/v.yaml:6 replaces template.spec.initContainers[dind].args",
        "/v.yaml:4 has a Docker daemon of its own",
      ]),
    MergeCase(
      name: "dind of one's own as a container", mode: .dind,
      file: """
        containerMode: {type: dind}
        template:
          spec:
            containers:
              - name: dind
                image: docker:dind
                securityContext: {privileged: true}
        """,
      expected: [
        ("containerMode", nil), ("template spec containers dind securityContext privileged", true),
        ("template spec initContainers dind", nil), ("template spec volumes dind-sock emptyDir", [:]),
      ], notes: ["/v.yaml:5 has a Docker daemon of its own"]),
    MergeCase(
      name: "a limit of the daemon alone, as a container", mode: .dind,
      file: "template: {spec: {containers: [{name: dind, resources: {limits: {memory: 1Gi}}}]}}",
      expected: [
        ("containerMode", nil), ("template spec containers dind", nil),
        ("template spec initContainers dind image", "docker:dind"),
        ("template spec initContainers dind args 0", "dockerd"),
        ("template spec initContainers dind securityContext privileged", true),
        ("template spec initContainers dind restartPolicy", "Always"),
        ("template spec initContainers dind volumeMounts /var/run name", "dind-sock"),
        ("template spec initContainers dind env DOCKER_GROUP_GID value", "123"),
        ("template spec initContainers dind resources limits memory", "1Gi"),
        ("template spec initContainers init-dind-externals command 0", "cp"),
        ("\(runner) command 0", "/home/runner/run.sh"),
      ], notes: ["/v.yaml:1 changes the Docker daemon"]),
    MergeCase(
      name: "an image of the daemon alone, as a container", mode: .dind,
      file: "template: {spec: {containers: [{name: dind, image: example.com/docker:1}]}}",
      expected: [
        ("template spec containers dind", nil),
        ("template spec initContainers dind image", "example.com/docker:1"),
        ("template spec initContainers dind args 0", "dockerd"),
        ("template spec initContainers dind securityContext privileged", true),
      ],
      notes: [
        "/v.yaml:1 replaces template.spec.initContainers[dind].image: docker:dind -> example.com/docker:1",
        "/v.yaml:1 changes the Docker daemon",
      ]),
    MergeCase(
      name: "a pod without the additions of the mode", file: "containerMode: {type: \"\"}",
      expected: [("containerMode type", "")], notes: ["/v.yaml:1 replaces containerMode.type: kubernetes -> "]),
    MergeCase(
      name: "unknown keys are named with what is meant",
      file: "maxRunner: 7\nrunnerScaleSetLabels: [big]\nenv:\n  - {name: A, value: b}\nproxys: {}\nzzz: 1\n",
      expected: [("maxRunners", 5), ("maxRunner", 7)],
      warnings: [
        "/v.yaml:1: the chart has no key maxRunner, so it is ignored; did you mean maxRunners (--max-runners)?",
        "/v.yaml:2: the chart has no key runnerScaleSetLabels, so it is ignored; did you mean scaleSetLabels (--label)?",
        "/v.yaml:3: the chart has no key env, so it is ignored; it belongs to template.spec.containers, in the container "
          + "runner: --env NAME=VALUE",
        "/v.yaml:5: the chart has no key proxys, so it is ignored; did you mean proxy?",
        "/v.yaml:6: the chart has no key zzz, so it is ignored",
      ]),
    MergeCase(
      name: "unknown keys deep within known ones",
      file: "template: {metadata: {label: {}}, pod: {}}\nlistenerMetrics: {counters: {a: {}}}\n",
      expected: [],
      warnings: [
        "/v.yaml:1: the chart has no key template.metadata.label, so it is ignored; did you mean labels?",
        "/v.yaml:1: the chart has no key template.pod, so it is ignored",
      ]),
    MergeCase(
      name: "listeners and proxies are the chart's",
      file:
        "listenerTemplate: {spec: {containers: [{name: listener, resources: {limits: {cpu: 1}}}]}}\nproxy: {http: {url: \"http://p\"}, noProxy: [a]}\n",
      expected: [("listenerTemplate spec containers listener resources limits cpu", 1), ("proxy noProxy", ["a"])]),
    MergeCase(
      name: "numbers, dates and truth stay what they are", file: "annotations: {a: 2024-01-02, b: \"yes\", c: 0o17}\n",
      expected: [("annotations a", "2024-01-02"), ("annotations b", "yes"), ("annotations c", 15)]),
    MergeCase(
      name: "Windows line ends and a byte order mark",
      file: "\u{FEFF}template:\r\n  spec:\r\n    hostNetwork: true\r\n",
      expected: [("template spec hostNetwork", true)]),
  ]
}
