import Basics
import TestSupport
import Testing

@testable import ValuesFiles

/// Reading values files as people have them: what is values, what holds values, and what is none.
@Suite(.timeLimit(.minutes(5))) struct ValuesFileTests {
  private func read(_ text: String, part: String? = nil) throws(EngineError) -> JSONValue {
    try ValuesFile(Array(text.utf8), ValuesReference("/v.yaml" + (part.map { "#\($0)" } ?? ""))).root.json
  }

  private func refusal(_ text: String, part: String? = nil) -> EngineError? {
    do throws(EngineError) { _ = try read(text, part: part) } catch { return error }
    return nil
  }

  @Test func `an error has the line and a caret below the place`() throws {
    let error = try #require(refusal("a: 1\ntemplate:\n  labels: {runner: *name}\n"))
    #expect(error.kind == .invalid)
    #expect(error.what == "/v.yaml:3:20: the alias *name has no anchor &name before it")
    #expect(error.details == ["  labels: {runner: *name}", "                   ^"])
  }

  @Test(arguments: [
    "maxRunners: {{ .Values.max }}\n", "{{- if .Values.x }}\na: 1\n{{- end }}\n", "a: 1\nlabels:\n  {{ toYaml .x }}\n",
  ])
  func `a template is called one`(text: String) throws {
    let error = try #require(refusal(text))
    #expect(error.what.hasSuffix("this is a template, not values"))
    #expect(error.details.first?.contains("{{") == true)
  }

  @Test func `braces in a string are no template`() throws {
    #expect(try read("a: \"{{ x }}\"\n") == ["a": "{{ x }}"])
    #expect(refusal("a: \"{{ x }}\"\nb: [\n")?.what.contains("template") == false)
  }

  @Test func `lists and single values are not values`() {
    #expect(refusal("- a\n- b\n")?.what == "/v.yaml:1:1: this is a list, not values")
    #expect(refusal("hello\n")?.what == "/v.yaml:1:1: this is a single value, not values")
  }

  @Test func `rendered manifests are called so`() throws {
    let rendered = """
      ---
      # Source: gha-runner-scale-set/templates/no_permission_serviceaccount.yaml
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: web}
      ---
      apiVersion: actions.github.com/v1alpha1
      kind: AutoscalingRunnerSet
      """
    let error = try #require(refusal(rendered))
    #expect(
      error.what
        == "/v.yaml:4:1: these are Kubernetes objects, not values: ServiceAccount, AutoscalingRunnerSet")
    #expect(error.fix?.contains("helm get values") == true)
    #expect(error.details.first == "kind: ServiceAccount")
    let flux = "apiVersion: v1\nkind: HelmRepository\n---\napiVersion: v2\nkind: HelmRelease\nspec: {values: {}}\n"
    #expect(refusal(flux)?.fix?.hasPrefix("Put the HelmRelease into a file of its own") == true)
  }

  @Test func `two documents of values are two documents`() {
    #expect(refusal("a: 1\n---\nb: 2\n")?.what.contains("a second document starts here") == true)
  }

  @Test func `nothing is an empty mapping`() throws {
    #expect(try read("") == [:])
    #expect(try read("# maxRunners: 3\n---\n") == [:])
  }

  private static let release = """
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    spec:
      values:
        minRunners: 2
    """
  private static let application = """
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    spec:
      sources:
        - repoURL: x
        - helm:
            values: |
              minRunners: 2
    """

  @Test func `documents that hold values are named with the part`() throws {
    #expect(refusal(Self.release)?.fix == "Use that part: --values /v.yaml#spec.values")
    #expect(try read(Self.release, part: "spec.values") == ["minRunners": 2])
    #expect(refusal(Self.application)?.fix == "Use that part: --values /v.yaml#spec.sources[1].helm.values")
    #expect(try read(Self.application, part: "spec.sources[1].helm.values") == ["minRunners": 2])
    let umbrella = "gha-runner-scale-set:\n  githubConfigUrl: https://github.com/acme\n"
    #expect(refusal(umbrella)?.fix == "Use that part: --values /v.yaml#gha-runner-scale-set")
    #expect(try read(umbrella, part: "gha-runner-scale-set") == ["githubConfigUrl": "https://github.com/acme"])
    let rendered = "apiVersion: actions.github.com/v1alpha1\nkind: AutoscalingRunnerSet\nspec: {}\n"
    #expect(refusal(rendered)?.what.contains("AutoscalingRunnerSet") == true)
    #expect(refusal(rendered)?.fix?.contains("helm get values") == true)
  }

  @Test func `a part that is not there is named with those that are`() throws {
    let error = try #require(refusal("a: {b: 1}\n", part: "a.c"))
    #expect(error.what == "/v.yaml has no a.c")
    #expect(error.why == "It has: b")
  }

  @Test func `a file may have the sign of a part in its name`() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.write("a: 1\n", to: "v#spec.yaml")
    #expect(try ValuesFile.read(ValuesReference(plain)).root.json == ["a": 1])
    let other = try folder.write("spec: {values: {a: 2}}\n", to: "w.yaml")
    let part = try ValuesFile.read(ValuesReference(other + "#spec.values"))
    #expect(part.root.json == ["a": 2])
    #expect(part.reference.text == other + "#spec.values")
    #expect(throws: EngineError.self) { try ValuesFile.read(ValuesReference(folder.path + "/none.yaml")) }
  }

  @Test func `the digest is of the values, not of their layout`() throws {
    func digest(_ text: String) throws -> String {
      ValuesFile.digest([try ValuesFile(Array(text.utf8), ValuesReference("/v.yaml"))])
    }
    #expect(try digest("a: 1\nb: {c: [1, 2]}\n") == digest("# why\nb:\n  c:\n  - 1\n  - 2\na: 1\n"))
    #expect(try digest("a: 1\n") != digest("a: 2\n"))
    #expect(try digest("a: {b: 1}\nc: 2\n") != digest("a: {b: 1, c: 2}\n"))
    #expect(try digest("a: 1\n").count == 16)
  }
}
