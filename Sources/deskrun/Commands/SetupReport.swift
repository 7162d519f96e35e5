import CommandOutput
import Engine

/// The output of `deskrun setup`. Its JSON is documented in docs/output.md.
struct SetupReport {
  let tools: [SurveyedTool]
  let docker: DockerAdvice
  let source: ToolSource

  func write(_ form: OutputForm, to console: Console) throws {
    try Listing(table: table, document: document, names: tools.filter { !$0.isUsable }.map(\.tool.rawValue) + lacking)
      .write(form, to: console)
  }

  private var lacking: [String] { docker.kind == .ready ? [] : ["docker"] }

  private var table: Table {
    var table = Table([.init("PROGRAM"), .init("STATE", minimum: 16), .init("WHERE", minimum: 16), .init("INSTALLS")])
    let isReady = docker.kind == .ready
    table.add([
      .init("docker", .strong, mark: isReady ? .healthy : .failing), .init(docker.finding, isReady ? .plain : .bad),
      "-",
      "-",
    ])
    for tool in tools {
      table.add([
        .init(tool.tool.rawValue, .strong, mark: tool.isUsable ? .healthy : .failing),
        .init(Self.words(tool.state), tool.isUsable ? .plain : .bad), .init(Self.place(tool)),
        .init(tool.offer?.version ?? "-"),
      ])
    }
    return table
  }

  static func words(_ state: SurveyedTool.State) -> String {
    switch state {
    case .usable(let version): version ?? "found"
    case .outdated(let version): "\(version), of an earlier setup"
    case .tooOld(let version): "\(version) is too old"
    case .missing: "not installed"
    case .broken(let error): "does not work: \(error.why ?? error.what)"
    }
  }

  /// The path of a program, and why it is used.
  static func place(_ tool: SurveyedTool) -> String {
    guard let path = tool.path else { return "-" }
    switch tool.origin {
    case .setup(let other?)?: return "\(path), in place of \(other)"
    case .override?: return "\(path), by \(tool.tool.overrideVariable)"
    default: return path
    }
  }

  private static func key(_ state: SurveyedTool.State) -> (name: String, version: String?, problem: String?) {
    switch state {
    case .usable(let version): ("usable", version, nil)
    case .outdated(let version): ("outdated", version, nil)
    case .tooOld(let version): ("too-old", version, nil)
    case .missing: ("missing", nil, nil)
    case .broken(let error): ("broken", nil, error.why ?? error.what)
    }
  }

  private var document: JSONValue {
    func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
    return [
      "tools": .array(
        tools.map { tool in
          let (state, version, problem) = Self.key(tool.state)
          return [
            "name": .string(tool.tool.rawValue), "state": .string(state), "version": text(version),
            "path": text(tool.path), "inPlaceOf": text(tool.replaced), "problem": text(problem),
            "offer": tool.offer.map { offer($0) } ?? .null,
          ]
        }),
      "docker": [
        "state": .string(docker.kind.rawValue), "flavor": .string(docker.flavor.rawValue),
        "finding": .string(docker.finding), "commands": .array(docker.commands.map(JSONValue.string)),
        "notes": .array(docker.notes.map(JSONValue.string)),
      ],
    ]
  }

  private func offer(_ offer: PinnedTool) -> JSONValue {
    let offer = source.offer(offer)
    let digest: JSONValue = if case .pinned(let digest) = offer.checksum { .string(digest) } else { .null }
    return [
      "version": .string(offer.version), "url": .string(offer.url), "sha256": digest,
      "checksumUrl": .string(offer.checksumURL),
    ]
  }
}
