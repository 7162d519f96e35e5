import Basics
import TestSupport
import Testing

@testable import ValuesFiles

/// Reading values files as users have them: plain values, files that contain values, and files without.
@Suite struct ValuesFileTests {
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

  @Test func `lines of values in a string are those of the file`() throws {
    let lines = Self.application.split(separator: "\n", omittingEmptySubsequences: false).count
    let part = "spec.sources[1].helm.values"
    let file = try ValuesFile(Array(Self.application.utf8), ValuesReference("/v.yaml#\(part)"))
    #expect(file.root.members?.first?.mark == YAMLMark(line: lines, column: 11))
    let error = try #require(refusal(Self.application + "\n          # why\n          labels: {a: *b}\n", part: part))
    #expect(error.what == "/v.yaml#\(part):\(lines + 2):23: the alias *b has no anchor &b before it")
    #expect(error.details == ["          labels: {a: *b}", "                      ^"])
    let twice = try #require(refusal(Self.application + "\n          minRunners: 3\n", part: part))
    #expect(twice.what.hasSuffix(":\(lines + 1):11: the key minRunners occurs twice, first in line \(lines)"))
    // The line breaks of a quoted string are not those of the file.
    let quoted = "spec:\n  values: \"a: 1\\nb: *c\\n\"\n"
    #expect(refusal(quoted, part: "spec.values")?.what.hasPrefix("/v.yaml#spec.values:2:11: ") == true)
  }

  @Test(arguments: [("a: 1\nb: \u{1}\n", 4), ("# äöü\nlabels: {x: \u{7}}\n", 13)])
  func `a character that YAML does not have is named where it is`(text: String, column: Int) throws {
    let error = try #require(refusal(text))
    #expect(error.what.hasPrefix("/v.yaml:2:\(column): "), "\(error.what)")
  }

  // MARK: Documents of other tools

  private static let helmfile = """
    repositories:
      - name: arc
        url: x
    releases:
      - name: arc
        chart: arc/gha-runner-scale-set-controller
        values: [{replicaCount: 1}]
      - name: web
        chart: oci://ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set
        values:
          - shared.yaml
          - minRunners: 2
    """

  @Test func `a helmfile is answered with the part`() throws {
    let error = try #require(refusal(Self.helmfile))
    #expect(error.what == "/v.yaml:8:5: this is a helmfile, not values")
    #expect(error.why == "It holds or names the values of the release web")
    #expect(error.fix == "Use --values /shared.yaml --values /v.yaml#releases.1.values.1")
    #expect(try read(Self.helmfile, part: "releases.1.values.1") == ["minRunners": 2])
    #expect(refusal(Self.helmfile, part: "releases.7.values")?.why == "It has: 0, 1")
    let two = Self.helmfile + "\n  - name: api\n    chart: any\n    values: [{maxRunners: 1}]\n"
    #expect(
      refusal(two)?.fix == "Use those of one: --values /shared.yaml --values /v.yaml#releases.1.values.1, "
        + "or --values /v.yaml#releases.2.values.0")
    #expect(refusal("releases: [{name: a, chart: b/redis}]\n")?.why?.hasPrefix("No release in it") == true)
  }

  @Test(arguments: ["", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"])
  func `a kustomization is answered with the part`(head: String) throws {
    let text =
      head + "helmCharts:\n- name: gha-runner-scale-set\n  releaseName: web\n  valuesInline: {minRunners: 2}\n"
    let error = try #require(refusal(text))
    #expect(error.what.hasSuffix("this is a kustomization with Helm charts, not values"))
    #expect(error.fix == "Use --values /v.yaml#helmCharts.0.valuesInline")
    #expect(try read(text, part: "helmCharts.0.valuesInline") == ["minRunners": 2])
    let file = "helmCharts: [{name: gha-runner-scale-set, valuesFile: arc.yaml}]\n"
    #expect(refusal(file)?.fix == "Use --values /arc.yaml")
  }

  @Test func `the block of a chart with others is named beside what all charts have`() {
    let one = "global: {a: b}\ngha-runner-scale-set: {template: {spec: {}}}\n"
    #expect(refusal(one)?.fix == "Use that part: --values /v.yaml#gha-runner-scale-set")
    let two = "web: {minRunners: 1}\napi: {maxRunners: 1}\nredis: {port: 1}\n"
    #expect(refusal(two)?.fix == "Use one of these parts: --values /v.yaml#web, --values /v.yaml#api")
    #expect(refusal("resourceMeta: {githubConfigSecret: {labels: {a: b}}}\n") == nil)
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
    // It is a label of releases, so it must be the same in every version of deskrun.
    #expect(try digest("a: 1\n") == "0f9119b9fc27300a")
    #expect(try digest("a: {b: [x, 3]}\nc: true\n") == "3b0dfe1fe64c057f")
  }

  @Test func `the digest of several files tells them apart`() throws {
    func digest(_ texts: String...) throws -> String {
      ValuesFile.digest(try texts.map { try ValuesFile(Array($0.utf8), ValuesReference("/v.yaml")) })
    }
    let all = try [
      digest("a: {b: 1}\n"), digest("a: {b: 1}\n", ""), digest("", "a: {b: 1}\n"), digest("a: {}\n", "b: 1\n"),
      digest("b: 1\n", "a: {}\n"), digest("a: \"}\"\n"), digest("a: {}\n"), digest("", ""),
    ]
    // `{}` and a brace as a string have the same digest; no chart permits both in one place.
    #expect(Set(all).count == all.count - 1)
  }
}
