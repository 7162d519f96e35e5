import ARCTestSupport

@testable import ARC
@testable import Basics
@testable import Installations
@testable import Knowledge
@testable import Kubernetes
@testable import Tools
@testable import ValuesFiles

/// All readers of external input in Engine.
enum EngineFuzzCases {
  static var all: [FuzzCase] { documents + logs + objects + files + words }

  private static let now: Int64 = 1_795_521_700

  // MARK: JSON

  private static var documents: [FuzzCase] {
    [
      FuzzCase("json", [#"{"a":[1,-2.5e3,"x\u00e9\n",null,true,{"b":{}}],"c":""}"#]) { bytes in
        guard let value = try? JSONValue(parsing: bytes) else { return }
        guard let again = try? JSONValue(parsing: value.encoded()), again == value else {
          preconditionFailure("what was written does not read back")
        }
        _ = (value.encoded(pretty: true), value.yaml(), Redaction.shown(value), value["a"]?[0]?.intValue)
      },
      FuzzCase("watch", [watchLine]) { bytes in
        for line in bytes.split(separator: 0x0A) {
          _ = try? WatchLine<Pod>.event(line)
          _ = try? WatchLine<EphemeralRunner>.event(line)
          _ = try? WatchLine<ScaleSet>.event(line)
        }
      },
    ]
  }

  private static let watchLine =
    #"{"type":"ADDED","object":{"metadata":{"name":"web-r1","uid":"u","resourceVersion":"18446744073709551615","creationTimestamp":"2026-11-24T00:00:01Z","labels":{"actions-ephemeral-runner":"True"}},"status":{"phase":"Running","containerStatuses":[{"name":"runner","restartCount":3,"ready":true,"state":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"2026-11-24T00:00:09Z"}}}]}}}"#
    + "\n" + #"{"type":"ERROR","object":{"code":410,"message":"too old resource version"}}"#

  // MARK: Logs

  private static var logs: [FuzzCase] {
    [
      FuzzCase(
        "listener-log",
        [
          #"2026-11-24T00:00:01.5Z time=2026-11-24T00:00:01.500Z level=INFO msg="Calculated target runner count" component=worker "assigned job"=7 decision=5 min=1 max=5 currentRunnerCount=5"#,
          #"2026-11-24T00:00:02Z time=2026-11-24T00:00:02Z level=INFO msg="Updating job info for the runner" runnerName=web-r1 ownerName=acme repoName=web jobId=1 workflowRef=acme/web/.github/workflows/ci.yml@refs/heads/main workflowRunId=17809002773 jobDisplayName="a \"b\" \u00e9""#,
          #"{"time":"2026-11-24T00:00:03Z","level":"INFO","msg":"Job completed message received.","RunnerName":"web-r1","Result":"succeeded"}"#,
          "2026-11-24T00:00:04Z\tINFO\tlistener\tCalculated target runner count\t{\"assigned job\": 3, \"decision\": 2, \"max\": 2147483647}",
          #"time=2026-11-24T00:00:05Z level=ERROR msg="request failed" error="401: \"Bad credentials\"""#,
        ]
      ) { bytes in
        var queue = JobQueue()
        var jobs = JobLog()
        for line in bytes.split(separator: 0x0A) {
          guard let fact = ListenerLog.fact(line) else { continue }
          queue.apply(fact, busy: 2, now: now)
          jobs.apply(fact, scaleSet: "web", queue: queue)
          queue.settle(busy: 1, now: now)
          _ = queue.sentence(busy: 5, limit: nil, now: now)
        }
        show(jobs.jobs)
      },
      FuzzCase(
        "controller-log",
        [
          "2026-11-24T00:00:35Z\tERROR\tAutoscalingRunnerSet\tFailed to get runner scale set from Actions service\t{\"autoscalingrunnerset\": {\"name\": \"web\"}, \"error\": \"StatusCode 401\"}",
          #"{"severity":"error","ts":"2026-11-24T00:00:35Z","message":"Reconciler error","name":"web","error":"dial tcp: i/o timeout"}"#,
        ]
      ) { bytes in
        guard let target = try? GitHubTarget("acme/web") else { return }
        _ = ControllerLog.registrationProblem(
          log: String(decoding: bytes, as: UTF8.self), scaleSet: "web", target: target, since: now)
      },
      FuzzCase(
        "runner-log",
        [
          "2026-11-24T00:00:35.1Z 2026-11-24 00:00:35Z: Job build completed with result: Succeeded\n√ Listening for Jobs"
        ]
      ) { bytes in
        for line in bytes.split(separator: 0x0A) {
          _ = (LogRecorder.mark(line), LogHint.find(in: line))
          for keeps in [true, false] {
            let shown = LogLine(pod: "p", line, keepsColors: keeps).text
            precondition(keeps || isSafe(shown), "a log line steers the terminal")
          }
        }
      },
    ]
  }

  private static func show(_ records: [JobRecord]) {
    for record in records { _ = (record.took, record.waited, record.latest, record.line) }
    let figures = JobFigures(records, since: now - 86_400, now: now) { Int($0 / 3600 % 24) }
    _ = (figures.sentence, figures.chart([" ", "▁", "█"]))
  }

  // MARK: Objects of the cluster

  private static var objects: [FuzzCase] {
    [
      FuzzCase("cluster", [cluster]) { bytes in
        guard let runners = try? ScannedList<EphemeralRunner>(bytes).items,
          let pods = try? ScannedList<Pod>(bytes).items, let sets = try? ScannedList<ScaleSet>(bytes).items,
          let controllers = try? ScannedList<ControllerState>(bytes).items
        else { return }
        let snapshot = Snapshot(
          takenAt: now, controller: controllers.first, scaleSets: sets, runners: runners, pods: pods)
        var known = Circumstances(now: now)
        known.snapshot = snapshot
        known.statuses = InstallationStatus.joined(installations, snapshot)
        known.memory.apply(snapshot.changes(since: nil), at: now)
        known.events = KubeEvents((try? ScannedList<KubeEvent>(bytes).items) ?? [])
        var jobs = JobLog()
        jobs.apply(snapshot)
        known.jobs = jobs.jobs
        for finding in Diagnosis.findings(known) { _ = (finding.title, finding.action?.command("web")) }
        show(known.jobs)
        for runner in snapshot.runners { _ = DurationText.short(.seconds(max(0, now - (runner.created ?? 0)))) }
        _ = snapshot.scaleSets.reduce(0) { $0 + ($1.maximum ?? 0) + $1.minimum }
      },
      FuzzCase(
        "events",
        [
          #"{"items":[{"metadata":{"uid":"u","creationTimestamp":"2026-11-24T00:00:01Z"},"type":"Warning","reason":"BackOff","message":"x","involvedObject":{"kind":"Pod","name":"web-1"},"count":4,"series":{"count":7,"lastObservedTime":"2026-11-24T00:00:02Z"}}]}"#
        ]
      ) { bytes in
        for event in (try? ScannedList<KubeEvent>(bytes).items) ?? [] {
          _ = (event.last.map(Timestamp.text), event.count + event.count)
        }
      },
    ]
  }

  private static let installations = [
    try? Installation(
      name: InstallationName("web"), target: GitHubTarget("acme/web"), runners: RunnerCounts(minimum: 1, maximum: 2),
      authentication: .token(.environment("TOKEN")))
  ].compactMap { $0 }

  private static let cluster =
    #"{"metadata":{"resourceVersion":"12"},"items":[{"metadata":{"name":"web","labels":{"app.kubernetes.io/version":"0.14.2"},"annotations":{"runner-scale-set-id":"1"},"creationTimestamp":"2026-11-24T00:00:01Z","deletionTimestamp":"2026-11-24T00:00:05Z"},"spec":{"githubConfigUrl":"https://github.com/acme/web","minRunners":1,"maxRunners":5},"status":{"phase":"Running","ready":true,"failures":{"a":true},"jobId":"1","jobRequestId":2,"jobDisplayName":"build","jobWorkflowRef":"acme/web/.github/workflows/ci.yml@refs/heads/main","workflowRunId":17,"readyReplicas":1}},"#
    + #"{"metadata":{"name":"web-r1","labels":{"actions.github.com/scale-set-name":"web","actions-ephemeral-runner":"True"},"creationTimestamp":"2026-11-24T00:00:02Z"},"status":{"phase":"Failed","reason":"TooManyPodFailures","failures":{"a":true,"b":true},"containerStatuses":[{"name":"runner","restartCount":3,"state":{"terminated":{"exitCode":137,"reason":"Error","startedAt":"2026-11-24T00:00:01Z","finishedAt":"2026-11-24T00:00:09Z"}}}]}}]}"#

  // MARK: Files and answers of tools

  private static var files: [FuzzCase] {
    [
      FuzzCase(
        "history",
        [
          #"{"runner":"web-r1","scaleSet":"web","job":"build","runID":17,"assigned":"2026-11-24T00:00:01Z","started":"2026-11-24T00:00:02Z","finished":"2026-11-24T00:01:02Z","result":"succeeded","note":"x"}"#,
          // Before 1970, from a clock that was never set.
          #"{"runner":"web-r2","started":"1013-11-24T00:00:02Z","finished":"2026-11-24T00:01:04Z","result":"failed"}"#,
        ]
      ) { bytes in
        let records = bytes.split(separator: 0x0A).compactMap { line in
          try? JSONScanner.scan(line) { JobRecord(&$0) }
        }
        var jobs = JobLog()
        jobs.restore(records)
        show(jobs.jobs)
        if let first = records.first, let last = records.last { show([first.merged(with: last)]) }
      },
      FuzzCase(
        "configuration",
        [
          #"{"installations":{"web":{"Repository":"https://github.com/acme/web","ContainerMode":"dind","MinRunners":1,"MaxRunners":5,"Instances":2,"CachePaths":["/a"],"Mounts":[],"AuthType":"pat","AuthValue":"x"}},"clusterName":"deskrun"}"#,
          #"{"installations":{"web":{"Name":"web","Repository":"acme/web","ContainerMode":"kubernetes","Instances":9223372036854775807,"AuthType":"pat","AuthValue":"x"}}}"#,
        ]
      ) { bytes in
        guard let document = try? JSONValue(parsing: bytes), let configuration = try? Configuration(document: document)
        else { return }
        for installation in configuration.installations {
          _ = (installation.scaleSets.count, installation.scaleSets.map(\.name).joined().count)
        }
      },
      FuzzCase(
        "tool-answers",
        [
          #"[{"name":"web","status":"deployed","chart":"gha-runner-scale-set-0.14.2","revision":"9"}]"#,
          #"[{"State":{"Status":"running"},"Config":{"Image":"kindest/node"},"Mounts":[{"Source":"/a","Destination":"/b"}]}]"#,
          "kind v0.32.0 go1.27.3 linux/amd64", #"{"items":[{"status":{"readyReplicas":1},"metadata":{"name":"c"}}]}"#,
        ]
      ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let version = ToolVersion(text: text)
        _ = (version.major, version.numbers?.lexicographicallyPrecedes([1, 20]))
        for tool in ToolName.allCases {
          let result = ToolResult(exit: .code(1), output: bytes, errorOutput: bytes)
          let error = ToolFailure.explain(tool, arguments: ["get", "--context", text], result: result)
          precondition(error.details.allSatisfy(isSafe), "an error steers the terminal")
        }
        guard let document = try? JSONValue(parsing: bytes) else { return }
        for item in document.arrayValue ?? document["items"]?.arrayValue ?? [] {
          let release = HelmRelease(
            name: item["name"]?.stringValue ?? "", status: "", chart: item["chart"]?.stringValue ?? "")
          _ = (release.chartVersion, release.isScaleSet, NodeState(item), FoundController(item))
        }
      },
      FuzzCase(
        "values", ["template:\n  spec:\n    containers:\n    - name: runner\n      image: 'x'\nminRunners: \"3\"\n"]
      ) {
        bytes in
        guard let file = try? ValuesFile(bytes, ValuesReference("/v.yaml")) else { return }
        for installation in installations {
          let values = try? DesiredValues.list(installation, isKind: true, cacheRoot: "/c", owner: "o").first?.values
          guard let values, let merged = try? MergedValues(values, files: [file], chartVersion: "0.15.0") else {
            continue
          }
          let owned = OwnedKey.allCases.map(\.rawValue)
          precondition(owned.allSatisfy { merged.json[$0] == values.json[$0] }, "an owned key differs")
          let again = try? ValuesFile(Array(merged.yaml.utf8), ValuesReference("/shown.yaml"))
          precondition(again?.root.json == merged.json, "what is shown reads back otherwise")
          _ = Diagnosis.beforehand(installation, values: merged, checks: [])
        }
      },
    ]
  }

  // MARK: Single words

  private static var words: [FuzzCase] {
    [
      FuzzCase("times", FuzzChanges.times + ["2026-11-24T00:01:18.123456789Z"]) { bytes in
        guard let time = Timestamp.parse(String(decoding: bytes, as: UTF8.self)) else { return }
        precondition(Bounds.moment.contains(time), "a time out of bounds")
        guard let again = Timestamp.parse(Timestamp.text(time)) else { preconditionFailure("no time") }
        precondition(again == time, "a time reads back otherwise")
      },
      FuzzCase("amounts", FuzzChanges.numbers) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        if let number = Int(written: text) { precondition(Bounds.count.contains(number), "an amount out of bounds") }
        let number = Int64(text) ?? 0
        _ = (BytesText.short(number), DurationText.short(seconds: Int(clamping: number)), Timestamp.text(number))
        _ = (number.timesClamped(number), number.plusClamped(number), DurationText.short(seconds: max(0, number)))
        _ = try? RunnerCounts.count(text, field: "--max-runners")
      },
      FuzzCase("text", ["a\u{1B}[31mred\u{1B}[0m \u{202E}x", "👩‍👩‍👧 \u{1B}]8;;http://x\u{1B}\\link", "ghp_abcdefghijkl"]) {
        bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        precondition(isSafe(SafeText.line(text)) && !SafeText.line(text).contains("\n"), "a line steers the terminal")
        precondition(isSafe(SafeText.lines(text)), "lines steer the terminal")
        _ = (SafeText.colored(text), SecretMask.masked(text), ToolCall.quoted([text]), LogFields(text).message)
        precondition(SafeText.line(SafeText.line(text)) == SafeText.line(text), "safe text changes")
      },
      FuzzCase(
        "typed",
        [
          "https://github.com/acme/web.git", "git@github.com:acme/web", "https://ghe.example.com:8443/orgs/acme",
          "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "QUJD", "ghp_abc",
        ]
      ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        _ = (try? GitHubTarget(text), try? InstallationName(text), Base64.decode(text))
        _ = (try? PrivateKey.checked(Secret(text)), try? TokenForm.checked(Secret(text)))
      },
    ]
  }

  /// Whether it contains no terminal control characters.
  private static func isSafe(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value == 0x200D || !SafeText.isHidden($0.value) }
  }
}
