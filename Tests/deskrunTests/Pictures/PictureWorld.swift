import Foundation
import TestSupport

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The demo for a picture, and its terminal.
///
/// Two runs differ in the names of runners, in jobs, ages and times: the demo derives them from its seed and from the
/// time of day, which cannot be set.
final class PictureWorld {
  private let demo: PictureFolder
  private let tools: TemporaryFolder
  /// The speed of its clock, as a multiple of real time.
  let speed: Double

  /// The seed of the demo's names, jobs and failures.
  private static let seed = 2

  /// - Parameter options: options for creating the demo, such as `--demo-runners 30`.
  init(speed: Double, _ options: [String]) throws {
    demo = try PictureFolder()
    tools = try TemporaryFolder()
    self.speed = speed
    let outcome = try DeskrunBinary.run(
      ["--demo-speed", "\(speed)", "--demo-seed", "\(Self.seed)"] + options + ["list"], environment: environment)
    guard outcome.status == 0 else { throw Session.Failure(description: outcome.errors) }
  }

  private var environment: [String: String] {
    ["DESKRUN_DEMO_HOME": demo.path, "TZ": "UTC", "COLORTERM": "truecolor"]
  }

  func dashboard(_ shot: Shot, columns: Int, rows: Int) throws -> DashboardSession {
    let environment = environment.merging(shot.environment) { $1 }
    let session: Session
    if shot.hasWideNames {
      session = try DeskrunBinary.onTerminal(
        ["tui"] + shot.arguments, environment: environment.merging(try wideNames()) { $1 }, columns: UInt16(columns),
        rows: UInt16(rows))
    } else {
      session = try DeskrunBinary.onTerminal(
        ["--demo-speed", "\(speed)", "tui"] + shot.arguments, environment: environment, columns: UInt16(columns),
        rows: UInt16(rows))
    }
    return DashboardSession(session, columns: columns, rows: rows)
  }

  /// Opens a shell in which `deskrun` is the built program with this demo, as if called with `--demo`.
  func shell(columns: Int, rows: Int) throws -> DashboardSession {
    try tools.write(
      "#!/bin/sh\nexec '\(DeskrunBinary.path)' --demo-speed \(speed) \"$@\"\n", to: "deskrun", mode: 0o755)
    let path = tools.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    let session = try Session(
      "/bin/bash", ["bash", "--norc", "--noprofile", "-i"],
      environment: DeskrunBinary.environment(environment).merging([
        "PS1": "$ ", "HISTFILE": "", "PATH": path,
      ]) { $1 }, terminal: (UInt16(columns), UInt16(rows)))
    return DashboardSession(session, columns: columns, rows: rows)
  }

  /// The demo's names only have narrow characters. This returns the environment for a kubectl that replaces the names
  /// of jobs by wide ones.
  private func wideNames() throws -> [String: String] {
    let names = [
      "build": "ビルド 🔨", "build (x86_64-linux)": "ビルド (x86_64-linux)", "codeql": "代码扫描 🔍", "deploy-staging": "🚀 デプロイ",
      "docker / build-and-push": "镜像 🐳 发布", "docs": "文档", "e2e (chrome)": "端到端测试 (chrome)",
      "integration-tests (ubuntu, 1.22)": "統合テスト (ubuntu, 1.22)", "lint": "코드 검사 ✅", "release / publish": "发布 📦",
      "test (3.11)": "テスト 🐍 (3.11)", "test (3.12)": "テスト 🐍 (3.12)", "unit-tests": "ユニットテスト",
    ]
    // As they occur in objects and in logs.
    let changes = names.sorted { $0.key < $1.key }.flatMap { plain, wide in
      [("\"\(plain)\"", "\"\(wide)\""), ("job: \(plain)$", "job: \(wide)"), ("Job \(plain) c", "Job \(wide) c")].map {
        "-e 's;\($0.0);\($0.1);g'"
      }
    }.joined(separator: " ")
    var environment = [
      "DESKRUN_HOME": demo.path + "/home", "DESKRUN_DEMO_STATE": demo.path + "/state", "HOME": tools.path,
      "KUBECONFIG": demo.path + "/kubeconfig", "DESKRUN_DEMO_TOKEN": "ghp_demodemodemodemodemodemodemodemodemo",
      "DESKRUN_DEMO_HOST": "none",
    ]
    for name in ["helm", "kind", "docker"] { environment["DESKRUN_\(name.uppercased())"] = "\(demo.path)/bin/\(name)" }
    environment["DESKRUN_KUBECTL"] = try tools.write(
      """
      #!/bin/sh
      [ "$1" = proxy ] && { echo 'error: unknown command "proxy" for "kubectl"' >&2; exit 1; }
      '\(demo.path)/bin/kubectl' "$@" | sed -u \(changes)

      """, to: "kubectl", mode: 0o755)
    return environment
  }
}

/// The folder of the demo. The dashboard shows its path, so it has a simple one unless that is in use.
private final class PictureFolder {
  let path: String
  private let other: TemporaryFolder?

  init() throws {
    let plain = "/tmp/deskrun-demo"
    if mkdir(plain, 0o700) == 0 {
      (path, other) = (plain, nil)
    } else {
      let folder = try TemporaryFolder(isCreated: false)
      (path, other) = (folder.path, folder)
    }
  }

  deinit { if other == nil { try? FileManager.default.removeItem(atPath: path) } }
}
