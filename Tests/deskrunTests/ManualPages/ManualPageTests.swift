import Engine
import Foundation
import Testing

@testable import CommandOutput
@testable import Installations
@testable import deskrun

/// The installed pages in Packaging/man. Part of the help tests, because they are recorded together.
extension HelpTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../Packaging/man").standardizedFileURL

  private static func recorded(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }

  @Test func `manual pages are as recorded, one for each command`() throws {
    let pages = try ManualPage.all()
    #expect(pages.map(\.name).sorted() == Self.paths.map { (["deskrun"] + $0).joined(separator: "-") }.sorted())
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".1") }
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      for name in names { try FileManager.default.removeItem(at: Self.folder.appendingPathComponent(name)) }
      for page in pages {
        try Data(page.text.utf8).write(to: Self.folder.appendingPathComponent(page.fileName))
      }
      return
    }
    #expect(names.sorted() == pages.map(\.fileName).sorted())
    for page in pages {
      #expect(
        try page.text == Self.recorded(page.fileName),
        "\(page.fileName) differs; RECORD_SNAPSHOTS=1 swift test --filter HelpTests records it")
    }
  }

  @Test func `man reads every page without a warning and finds what it is called`() throws {
    guard let man = DeskrunBinary.find("man"), DeskrunBinary.find("groff") != nil else {
      print("man or groff is not installed: the manual pages were not read by them")
      return
    }
    // Another test is writing them.
    guard ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] != "1" else { return }
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).sorted()
    #expect(names.count > 20)
    for name in names {
      let outcome = try DeskrunBinary.tool(
        // With justification, there may be additional spaces between a name and the dash.
        man, ["--warnings", "--no-justification", "--local-file", Self.folder.appendingPathComponent(name).path],
        environment: ["MANWIDTH": "80", "MANROFFOPT": "-ww", "LC_ALL": "C.UTF-8"])
      #expect(outcome.status == 0, "\(name)")
      #expect(outcome.errors == "", "\(name)")
      let base = String(name.prefix { $0 != "." })
      // With a typographic hyphen, a name could not be copied from the page.
      let words = outcome.output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
      #expect(words.contains("\(base) - ") || words.contains("\(base) \u{2010} "), "\(name)")
      #expect(outcome.output.contains("SEE ALSO"), "\(name)")
    }
  }

  @Test func `the page of the configuration names every key of the file`() throws {
    let page = try Self.recorded("deskrun-config.5").replacing("\\-", with: "-")
    let installation = try Installation(
      name: InstallationName("web-ci"), target: GitHubTarget("https://github.com/acme/web"),
      caches: [CachePath(target: "/root/.cache", source: nil)],
      mounts: [Mount(source: "/srv/data", target: "/data", kind: .directory)],
      authentication: .app(id: "1", installationID: "2", key: .literal(Secret("never shown"))))
    for key in InstallationCoding.encode(installation, over: nil, form: .both).keys {
      #expect(page.contains(".B \(key)\n"), "\(key)")
    }
    for setting in PodSetting.allCases { #expect(page.contains(".B \(PodSettingsCoding.key(setting))\n")) }
    for key in ["installations", "cluster_name", "default_context", "default_kubeconfig"] {
      #expect(page.contains(".B \(key)\n"))
    }
  }
}
