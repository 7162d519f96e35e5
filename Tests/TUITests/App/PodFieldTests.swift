import Engine
import Testing

@testable import DashboardCore

/// The form keeps an installation's pod settings and values files, shown or not.
@Suite struct PodFieldTests {
  private static let texts: [PodSetting: [String]] = [
    .environment: ["NO_PROXY=a,b", "A=", "P=$ ", "B=x;C=y"], .secretEnvironment: ["s:K", "t"], .cpus: ["2"],
    .memory: ["4Gi"],
    .workSize: ["20Gi"], .storageClass: ["fast"], .runnerGroup: ["Big ones"], .serviceAccount: ["b"],
    .pullPolicy: ["Never"], .pullSecrets: ["r", "q"], .nodeSelector: ["a=b", "c=d"],
    .tolerations: ["ci", "gpu=yes:NoSchedule"],
    .namespace: ["ci-runners"], .proxy: ["http=http://proxy:3128", "https=https://proxy:3129"],
    .proxySecret: ["proxy-login"], .proxyExceptions: [".acme.com", "10.0.0.0/8"], .certificates: ["/etc/acme.pem"],
    .cacheClaims: ["build:/home/runner/.cache"],
  ]

  private func installation() throws -> Installation {
    var settings = PodSettings()
    for setting in PodSetting.allCases { try settings.set(setting, Self.texts[setting] ?? []) }
    return try Installation(
      name: InstallationName("web"), target: GitHubTarget("https://github.com/acme"),
      authentication: .token(.literal(Secret("t"))), settings: settings,
      valuesFiles: ["/a,b.yaml", "/b.yaml#spec.values"],
      importedValues: "/a,b.yaml")
  }

  @Test func `a form that is not touched changes nothing`() throws {
    let installation = try installation()
    let form = FormState(installation)
    #expect(form.showsMore)
    let again = try form.draft.installation(authentication: installation.authentication, home: "/home/me")
    #expect(again == installation)
  }

  @Test func `every setting has a field, and the mode decides which are shown`() throws {
    #expect(Set(FormField.allCases.compactMap(\.setting)) == Set(PodSetting.allCases))
    var form = FormState()
    form.showsMore = true
    #expect(form.visible.last == .pods)
    form.showsPods = true
    #expect(form.visible.contains(.workSize))
    #expect(!form.visible.contains(.dindImage))
    form.mode = .dind
    #expect(!form.visible.contains(.workSize))
    #expect(form.visible.contains(.dindImage))
  }

  @Test func `a namespace is chosen when an installation is added, and never changed`() throws {
    var form = FormState()
    (form.showsMore, form.showsPods) = (true, true)
    #expect(form.visible.contains(.namespace))
    #expect(!FormState(try installation()).visible.contains(.namespace))
  }

  @Test func `a file of certificates can be named from the home directory`() throws {
    var form = FormState()
    form.fields[.certificates] = .init("~/ca.pem")
    FormRules.check(&form, .init(names: [], home: "/home/me"))
    #expect(form.problems[.certificates] == nil)
    var settings = PodSettings()
    try form.draft.set(.certificates, in: &settings, home: "/home/me")
    #expect(settings.certificates == "/home/me/ca.pem")
  }

  @Test func `a wrong setting is told at its field`() throws {
    var form = FormState(try installation())
    form.fields[.memory] = .init("much")
    FormRules.check(&form, .init(names: [], home: "/home/me"))
    #expect(form.problems[.memory] != nil)
    form.fields[.memory] = .init("4Gi")
    form.mode = .dind
    FormRules.check(&form, .init(names: [], home: "/home/me"))
    #expect(form.problems[.workSize]?.what.contains("mode kubernetes alone") == true)
    #expect(form.visible.contains(.workSize))
  }

  @Test(arguments: [
    (FormField.labels, "gpu, GPU"), (.image, "no such:image:name"), (.runnerGroup, "Big ones"),
    (.dindImage, "docker:27"),
    (.environment, "A=1; A=2"), (.mounts, "/a:/x, /b:/x"), (.instances, "500"),
  ]) func `what concerns several parts is told at the field that can end it`(field: FormField, text: String) {
    var form = FormState()
    form.fields[.name] = .init("web")
    form.fields[.repository] = .init("https://github.com/acme/web")
    FormRules.check(&form, .init(names: [], home: "/home/me"))
    #expect(form.isValid)
    form.fields[field] = .init(text)
    FormRules.check(&form, .init(names: [], home: "/home/me"))
    #expect(form.problems.keys.map(\.self) == [field], "\(form.problems) \(form.conflict?.what ?? "")")
    form.fields[.name] = .init(String(repeating: "a", count: 44))
    form.fields[field] = nil
    form.fields[.instances] = .init("100")
    FormRules.check(&form, .init(names: [], home: "/home/me"))
    #expect(form.problems[.instances]?.what.contains("too long") == true)
  }
}
