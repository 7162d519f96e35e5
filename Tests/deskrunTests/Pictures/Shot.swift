/// A picture of the dashboard: how to start it, what to type, and what must then be on the screen.
struct Shot {
  /// The name of its file, without the size.
  let name: String
  /// A short description.
  let title: String
  var sizes = [(80, 24), (160, 50)]
  var colors = PictureColors.dark
  var speed = 1.0
  /// Options for creating the demo.
  var demo: [String] = []
  /// Arguments of `deskrun tui`.
  var arguments: [String] = []
  var environment: [String: String] = [:]
  /// Whether the demo's jobs have names with wide characters.
  var hasWideNames = false
  /// The keys with the texts that must appear after them. The first step only waits for the start.
  var steps: [Step] = [Shot.start]

  /// Keys, and the texts that must then be on the screen.
  struct Step {
    var keys: Keys
    /// All of these must appear.
    var shows: [String]

    init(_ keys: String, _ shows: String...) { (self.keys, self.shows) = (.these(keys), shows) }
    init(_ keys: Keys, _ shows: String...) { (self.keys, self.shows) = (keys, shows) }
  }

  /// The keys to type.
  enum Keys {
    case these(String)
    /// The key that docs/keys.md lists with this text; without such a key, the picture is skipped.
    case of(String)
  }

  /// Runners and the first log have appeared.
  static let start = Step("", "web-ci-runner-", " · running")

  /// The start, followed by these steps.
  static func started(_ steps: Step...) -> [Step] { [start] + steps }

  static let all: [Shot] = [
    Shot(name: "overview", title: "deskrun: the overview", sizes: [(80, 24), (100, 30), (160, 50), (220, 60)]),
    Shot(
      name: "overview-light", title: "deskrun: the overview with the light theme", sizes: [(100, 30)], colors: .light,
      arguments: ["--theme", "light"]),
    Shot(
      name: "overview-dark", title: "deskrun: the overview with the dark theme", sizes: [(100, 30)],
      arguments: ["--theme", "dark"]),
    Shot(
      name: "overview-16-colors", title: "deskrun: the overview with 16 colors", sizes: [(100, 30)],
      arguments: ["--theme", "dark"], environment: ["TERM": "xterm-16color", "COLORTERM": ""]),
    Shot(
      name: "overview-ascii", title: "deskrun: the overview in ASCII", sizes: [(80, 24)], arguments: ["--ascii"],
      steps: [Step("", "web-ci-runner-", " - running")]),
    Shot(
      name: "overview-no-color", title: "deskrun: the overview without colors", sizes: [(80, 24)],
      environment: ["NO_COLOR": "1"]),
    Shot(
      name: "overview-wide-names", title: "deskrun: jobs with wide letters in their names",
      sizes: [(80, 24), (100, 30)],
      hasWideNames: true),
    Shot(
      name: "overview-two-clusters", title: "deskrun: two clusters", demo: ["--demo-clusters", "2"],
      steps: [Step("", "web-ci-runner-", "api-ci", "● prod", " · running")]),
    Shot(
      name: "clusters", title: "deskrun: two clusters, one of which refuses connections",
      demo: ["--demo-clusters", "2", "--demo-outage", "refuse"],
      steps: started(Step("4", "does not answer", "refused"))),
    Shot(
      name: "overview-one-runner", title: "deskrun: one runner", sizes: [(80, 24)], demo: ["--demo-runners", "1"],
      steps: [Step("", "-runner-")]),
    Shot(
      name: "overview-thirty-runners", title: "deskrun: thirty runners", sizes: [(80, 24), (160, 50)],
      demo: ["--demo-runners", "30"], steps: [Step("", "busy      web-ci-runner-")]),
    Shot(
      name: "overview-trouble", title: "deskrun: ARC's controller is missing", sizes: [(100, 30)],
      demo: ["--demo-trouble", "controller-missing"], steps: [Step("", "controller is missing")]),
    Shot(
      name: "overview-empty", title: "deskrun: no installation yet", sizes: [(80, 24)], demo: ["--demo-empty"],
      steps: [Step("", "a ")]),
    Shot(
      name: "add", title: "deskrun: the form that adds an installation",
      steps: started(
        Step("a", "Add an installation"),
        Step("docs-ci" + Press.tab + "https://github.com/acme/docs", "docs-ci", "https://github.com/acme/docs"))),
    Shot(
      name: "jobs", title: "deskrun: jobs that ran",
      steps: started(Step("J", "RESULT"), Step("z", "✓ succeeded"))),
    Shot(
      name: "why", title: "deskrun: what is wrong, why, and the fix",
      steps: started(Step(Press.down + "w", "ghcr.io/acme/runner:missing", "fix"))),
    Shot(
      name: "logs", title: "deskrun: the log of a job",
      steps: started(Step("2" + Press.enter + "z", "▼ Restore cache"))),
    Shot(name: "events", title: "deskrun: events", steps: started(Step("v", "Pulling"))),
    Shot(
      name: "details", title: "deskrun: the details of an installation",
      steps: started(Step(Press.down + Press.down + "i", "github.com/acme/web"))),
    Shot(name: "help", title: "deskrun: every key", steps: started(Step("?", "─ Help ─"))),
    Shot(name: "doctor", title: "deskrun: what runners need", steps: started(Step("D", "inotify"))),
    Shot(
      name: "timeline", title: "deskrun: the timeline of jobs",
      steps: started(Step("J", "RESULT"), Step(.of("imeline"), ":"))),
  ]
}
