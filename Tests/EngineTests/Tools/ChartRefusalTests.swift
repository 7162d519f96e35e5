import Testing

@testable import Basics
@testable import Tools

/// Values that the charts reject, with their keys.
@Suite struct ChartRefusalTests {
  private func explain(_ text: String) -> EngineError {
    ToolFailure.explain(
      .helm, arguments: ["upgrade", "--install", "x"],
      result: ToolResult(exit: .code(1), errorOutput: Array(text.utf8)))
  }

  @Test(arguments: [
    // Helm 3.18 and newer, Helm 4.
    (
      "Error: values don't meet the specifications of the schema(s) in the following chart(s):\n"
        + "gha-runner-scale-set:\n- at '/listenerConfig/scaler/qps': minimum: got 0, want 1\n",
      "listenerConfig.scaler.qps", "minimum: got 0, want 1"
    ),
    (
      "Error: UPGRADE FAILED: values don't meet the specifications of the schema(s) in the following chart(s):\n"
        + "gha-runner-scale-set:\n- at '/listenerConfig': additional properties 'foo' not allowed\n\n",
      "listenerConfig", "additional properties 'foo' not allowed"
    ),
    // Older versions.
    (
      "Error: values don't meet the specifications of the schema(s) in the following chart(s):\n"
        + "gha-runner-scale-set:\n- listenerConfig.scaler.qps: Invalid type. Expected: integer, given: string\n",
      "listenerConfig.scaler.qps", "Invalid type. Expected: integer, given: string"
    ),
    (
      "Error: execution error at (gha-runner-scale-set/templates/autoscalingrunnerset.yaml:12:3): .Values.labels: invalid "
        + "value \"a b\" for label \"team\": it must be empty or consist of letters\n",
      "labels", "invalid value \"a b\" for label \"team\": it must be empty or consist of letters"
    ),
    (
      "Error: UPGRADE FAILED: execution error at (gha-runner-scale-set/templates/_version.tpl:3:1): "
        + ".Values.template.metadata.labels: invalid label key \"a b\": it must be a qualified name\n",
      "template.metadata.labels", "invalid label key \"a b\": it must be a qualified name"
    ),
  ])
  func `the key and the reason are named`(text: String, key: String, reason: String) {
    let error = explain(text)
    #expect(error.kind == .invalid)
    #expect(error.what == "The chart refuses the value of \(key)")
    #expect(error.why == reason)
    #expect(error.fix?.contains(key) == true && error.fix?.contains("--values") == true)
  }

  @Test func `a refusal of an unknown form keeps its own line`() {
    let error = explain(
      "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nfoo\n")
    #expect(error.kind == .invalid && error.why?.contains("don't meet") == true)
  }

  @Test func `definitions that are too old are told from a field that is misspelled`() {
    let head = "Error: failed to create typed patch object (arc-systems/x; actions.github.com/v1alpha1, Kind=X): "
    #expect(
      explain(head + ".spec.listenerConfig: field not declared in schema").fix?.contains("deskrun upgrade") == true)
    let other = explain(head + ".spec.template.spec.tolerationz: field not declared in schema")
    #expect(other.fix?.contains("--values") == true && other.why?.contains("tolerationz") == true)
  }

  @Test func `a version that the registry does not have is named`() {
    let charts = "ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set"
    #expect(explain("Error: \(charts):0.15.9: not found").what == "No chart of ARC 0.15.9 found at ghcr.io")
    let away = explain("Error: failed to perform \"FetchReference\" on source: Get \"https://\(charts)\": no such host")
    #expect(away.kind == .unreachable)
  }
}
