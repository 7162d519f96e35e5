import ARC
import Basics
import Testing

@testable import ValuesFiles

@Suite struct ResourceCheckTests {
  private func refusal(_ text: String, cpus: String? = nil, memory: String? = nil) throws -> EngineError? {
    var settings = PodSettings()
    (settings.cpus, settings.memory) = (cpus, memory)
    let file = try MergeCase.file(text)
    do throws(EngineError) {
      _ = try MergedValues(MergeCase.values(.kubernetes, settings: settings), files: [file], chartVersion: "0.14.2")
    } catch { return error }
    return nil
  }

  private static func runner(_ resources: String) -> String {
    "template:\n  spec:\n    containers:\n    - name: runner\n      resources: \(resources)\n"
  }

  @Test func `a limit of the file below the request of an option`() throws {
    let error = try #require(try refusal(Self.runner("{limits: {memory: 1Gi}}"), memory: "4Gi"))
    #expect(error.kind == .invalid)
    #expect(
      error.what
        == "/v.yaml:5: the limit 1Gi of memory for the container runner is below its request 4Gi, which --memory sets")
    #expect(error.why?.hasPrefix("Kubernetes refuses") == true)
    #expect(error.fix == "Use --memory 1Gi, or give the request in the file too")
  }

  @Test func `a request of the file above the limit of an option`() throws {
    let error = try #require(try refusal(Self.runner("{requests: {cpu: 3}}"), cpus: "2500m"))
    #expect(
      error.what
        == "/v.yaml:5: the request 3 of cpu for the container runner is above its limit 2500m, which --cpus sets")
    #expect(error.fix == "Use --cpus 3, or give the limit in the file too")
  }

  @Test func `both from the file, also of another container and of the listener`() throws {
    let text = """
      template: {spec: {initContainers: [{name: setup, image: a, resources: {limits: {memory: 1Gi}, requests: {memory: 2Gi}}}]}}
      listenerTemplate:
        spec:
          containers:
          - name: listener
            resources:
              limits: {cpu: 100m}
              requests: {cpu: 0.2}
      """
    let error = try #require(try refusal(text))
    #expect(error.what == "/v.yaml:1: the limit 1Gi of memory for the container setup is below its request 2Gi")
    #expect(
      error.details == [
        "/v.yaml:7: the limit 100m of cpu for the container listener is below its request 0.2 (/v.yaml:8)"
      ])
  }

  @Test(arguments: [
    "{limits: {memory: 8Gi}}", "{requests: {memory: 512Mi}}", "{limits: {memory: 4096Mi}, requests: {memory: 4Gi}}",
    "{limits: {memory: 1Gi}, requests: {memory: 1Gi}}", "{limits: {memory: null}, requests: {memory: 9Gi}}",
    "{limits: {ephemeral-storage: 1Gi}}",
  ]) func `what Kubernetes takes is taken`(resources: String) throws {
    #expect(try refusal(Self.runner(resources), cpus: "2", memory: "4Gi") == nil)
  }
}
