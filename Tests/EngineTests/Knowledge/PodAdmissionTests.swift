import Testing

@testable import Basics
@testable import Knowledge

/// Pods that an admission plugin rejects, with the messages of Kubernetes.
@Suite struct PodAdmissionTests {
  // From the sources of Kubernetes 1.36: pod-security-admission/admission/admission.go with the checks of policy/,
  // apiserver/pkg/admission/plugin/resourcequota/controller.go, plugin/pkg/admission/limitranger/admission.go.
  private static let messages: [(message: String, admission: PodAdmission?)] = [
    (
      "Failed to create the pod: pods \"web-x-runner-y\" is forbidden: violates PodSecurity \"restricted:latest\": "
        + "allowPrivilegeEscalation != false (container \"runner\" must set "
        + "securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container \"runner\" must set "
        + "securityContext.runAsNonRoot=true)",
      .podSecurity(level: "restricted")
    ),
    (
      "pods \"web-x-runner-y\" is forbidden: violates PodSecurity \"baseline:v1.30\": privileged (container \"dind\" must "
        + "not set securityContext.privileged=true)",
      .podSecurity(level: "baseline")
    ),
    (
      "pods \"r\" is forbidden: exceeded quota: compute, requested: limits.memory=4Gi, used: limits.memory=16Gi, limited: "
        + "limits.memory=16Gi",
      .quotaExceeded(name: "compute")
    ),
    (
      "pods \"r\" is forbidden: failed quota: compute: must specify limits.cpu for: runner; limits.memory for: runner",
      .quotaDemands(name: "compute")
    ),
    ("pods \"r\" is forbidden: maximum memory usage per Container is 2Gi, but limit is 4Gi", .limitRange),
    (
      "pods \"r\" is forbidden: [minimum cpu usage per Container is 1, but request is 500m, maximum memory usage per Pod is "
        + "2Gi, but limit is 4Gi]",
      .limitRange
    ),
    ("pods \"r\" is forbidden: maximum cpu usage per Pod is 2.  No limit is specified", .limitRange),
    ("pods \"r\" is forbidden: error looking up service account ci/x: serviceaccount \"x\" not found", nil),
    ("Pod \"r\" is invalid: spec.volumes[2].name: Duplicate value: \"work\"", nil),
  ]

  @Test func `each message is told apart`() {
    for (message, admission) in Self.messages { #expect(PodAdmission(message) == admission, "\(message)") }
  }

  @Test func `what amounts help with is offered as an option`() throws {
    let limit = try #require(PodAdmission(Self.messages[4].message))
    #expect(limit.option(Self.messages[4].message) == .memory)
    let cpu = "pods \"r\" is forbidden: maximum cpu usage per Container is 1, but limit is 2"
    #expect(PodAdmission(cpu)?.option(cpu) == .cpus)
  }

  private static func line(_ time: String, _ level: String, _ message: String, _ error: String? = nil) -> String {
    "2026-11-26T12:00:\(time)Z\t\(level)\tEphemeralRunner\t\(message)\t{\"version\": \"0.14.2\", \"ephemeralrunner\": "
      + "{\"name\": \"web-abcde-runner-fghij\", \"namespace\": \"ci\"}"
      + (error.map { ", \"error\": \"\($0)\"" } ?? "") + "}\n"
  }

  @Test func `a quota without room is read from the controller's log, until a pod is created`() throws {
    let refused = Self.line(
      "01", "ERROR", "Resource quota is exceeded; requeue in 30s to retry pod creation",
      "pods \\\"web-abcde-runner-fghij\\\" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=4, "
        + "limited: pods=4")
    let refusal = try #require(ControllerLog.refusals(log: refused, scaleSet: "ci/web").first)
    #expect(refusal.missing == .runnerPod)
    #expect(PodAdmission(refusal.text) == .quotaExceeded(name: "compute"))
    let created = Self.line("31", "INFO", "Created ephemeral runner pod")
    #expect(ControllerLog.refusals(log: refused + created, scaleSet: "ci/web").isEmpty)
    #expect(ControllerLog.refusals(log: refused, scaleSet: "other").isEmpty)
    #expect(ControllerLog.refusals(log: refused, scaleSet: "web").isEmpty)
  }
}
