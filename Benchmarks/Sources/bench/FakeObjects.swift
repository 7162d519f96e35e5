/// Objects as written by a server, in their real size: a runner pod has about eight kilobytes, most of which is not
/// used here.
enum FakeObjects {
  static func name(_ index: Int) -> String {
    let digits = String(index)
    return "bench-x7k2p-runner-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }

  /// - Parameter job: the display name of its job; nil for an idle runner.
  static func runner(_ index: Int, job: String?, version: Int = 1) -> String {
    let name = name(index)
    let job =
      job.map {
        #","jobId":"b1946ac9-2ff0-4c1e-8d0f-\#(index)","jobDisplayName":"\#($0)","jobRepositoryName":"web","jobWorkflowRef":"acme/web/.github/workflows/ci.yml@refs/heads/main","jobRequestId":\#(index),"workflowRunId":\#(9_000_000 + index)"#
      } ?? ""
    return
      #"{"apiVersion":"actions.github.com/v1alpha1","kind":"EphemeralRunner","metadata":{"name":"\#(name)","generateName":"bench-x7k2p-runner-","namespace":"arc-systems","uid":"5f1d7a84-8292-11ec-a8a3-\#(index)","resourceVersion":"\#(version)","creationTimestamp":"2026-11-24T12:00:00Z","labels":{"actions.github.com/organization":"acme","actions.github.com/repository":"web","actions.github.com/scale-set-name":"bench","actions.github.com/scale-set-namespace":"arc-systems","app.kubernetes.io/component":"runner","app.kubernetes.io/part-of":"gha-runner-scale-set"},"managedFields":[\#(fields)]},"spec":{"githubConfigUrl":"https://github.com/acme/web","githubConfigSecret":"bench-credentials","runnerScaleSetId":1,"spec":{"containers":[{"name":"runner","image":"ghcr.io/actions/actions-runner:latest","command":["/home/runner/run.sh"],"env":[\#(environment)]}],"restartPolicy":"Never"}},"status":{"phase":"Running","ready":true,"runnerId":\#(index),"runnerName":"\#(name)"\#(job)}}"#
  }

  static func pod(_ index: Int, phase: String = "Running", version: Int = 1) -> String {
    let name = name(index)
    return
      #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)","namespace":"arc-systems","uid":"6f1d7a84-8292-11ec-a8a3-\#(index)","resourceVersion":"\#(version)","creationTimestamp":"2026-11-24T12:00:00Z","labels":{"actions-ephemeral-runner":"True","actions.github.com/organization":"acme","actions.github.com/repository":"web","actions.github.com/scale-set-name":"bench","actions.github.com/scale-set-namespace":"arc-systems","app.kubernetes.io/component":"runner","pod-template-hash":"5f7d9c"},"ownerReferences":[{"apiVersion":"actions.github.com/v1alpha1","kind":"EphemeralRunner","name":"\#(name)","uid":"5f1d7a84-8292-11ec-a8a3-\#(index)","controller":true,"blockOwnerDeletion":true}],"managedFields":[\#(fields),\#(fields),\#(fields)]},"spec":{"volumes":[{"name":"work","emptyDir":{}},{"name":"kube-api-access","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}}],"defaultMode":420}}],"containers":[{"name":"runner","image":"ghcr.io/actions/actions-runner:latest","command":["/home/runner/run.sh"],"env":[\#(environment),\#(environment)],"resources":{},"volumeMounts":[{"name":"work","mountPath":"/home/runner/_work"}],"imagePullPolicy":"Always"}],"restartPolicy":"Never","nodeName":"deskrun-control-plane","serviceAccountName":"bench-gha-rs-no-permission","tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}]},"status":{"phase":"\#(phase)","conditions":[{"type":"PodReadyToStartContainers","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-24T12:00:02Z"},{"type":"Initialized","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-24T12:00:00Z"},{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-24T12:00:02Z"},{"type":"PodScheduled","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-24T12:00:00Z"}],"hostIP":"172.18.0.2","podIP":"10.244.0.9","startTime":"2026-11-24T12:00:00Z","containerStatuses":[{"name":"runner","state":{"running":{"startedAt":"2026-11-24T12:00:02Z"}},"lastState":{},"ready":true,"restartCount":0,"image":"ghcr.io/actions/actions-runner:latest","imageID":"ghcr.io/actions/actions-runner@sha256:8ec6f2a1c9e5b3d7","containerID":"containerd://b2172d28deae995eb6198d83f5bd877fe40f8e92c504d5ed1bb7b9ba91691c0e","started":true}],"qosClass":"BestEffort"}}"#
  }

  static let scaleSet =
    #"{"kind":"AutoscalingRunnerSet","metadata":{"name":"bench","namespace":"arc-systems","uid":"1","creationTimestamp":"2026-11-24T11:00:00Z","annotations":{"runner-scale-set-id":"1"},"labels":{"actions.github.com/scale-set-name":"bench","app.kubernetes.io/version":"0.14.2"}},"spec":{"githubConfigUrl":"https://github.com/acme/web","minRunners":1,"maxRunners":6000},"status":{"phase":"Running"}}"#
  static let deployment =
    #"{"kind":"Deployment","metadata":{"name":"arc-controller","labels":{"app.kubernetes.io/version":"0.14.2"}},"status":{"readyReplicas":1}}"#

  static func added(_ object: String) -> String { #"{"type":"ADDED","object":\#(object)}"# + "\n" }
  static func modified(_ object: String) -> String { #"{"type":"MODIFIED","object":\#(object)}"# + "\n" }
  static func deleted(_ object: String) -> String { #"{"type":"DELETED","object":\#(object)}"# + "\n" }
  static let listEnd =
    #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}}}"#
    + "\n"

  /// Half of the first thousand runners have a job.
  static func job(of index: Int) -> String? { index % 2 == 0 && index < 1000 ? "build \(index)" : nil }

  private static let fields =
    #"{"manager":"ghalistener","operation":"Update","apiVersion":"v1","time":"2026-11-24T12:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:actions.github.com/organization":{},"f:actions.github.com/repository":{},"f:actions.github.com/scale-set-name":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"5f1d7a84\"}":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"runner\"}":{".":{},"f:command":{},"f:env":{".":{},"k:{\"name\":\"ACTIONS_RUNNER_POD_NAME\"}":{".":{},"f:name":{},"f:valueFrom":{}}},"f:image":{},"f:name":{},"f:volumeMounts":{".":{}}}},"f:enableServiceLinks":{},"f:restartPolicy":{}}}}"#
  private static let environment =
    #"{"name":"ACTIONS_RUNNER_POD_NAME","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}},{"name":"ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER","value":"true"},{"name":"ACTIONS_RUNNER_INPUT_JITCONFIG","valueFrom":{"secretKeyRef":{"name":"bench-x7k2p","key":"jitToken"}}},{"name":"GITHUB_ACTIONS_RUNNER_EXTRA_USER_AGENT","value":"actions-runner-controller/0.14.2"}"#
}
