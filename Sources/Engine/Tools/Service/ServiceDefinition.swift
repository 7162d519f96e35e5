import Basics

/// The command and environment of a service: a service manager does not provide a shell's environment.
package struct ServiceDefinition: Sendable, Equatable {
  package var service: OwnService
  /// The program's absolute path and its arguments.
  package var command: [String]
  /// The variables it needs, sorted by name.
  package var variables: [(name: String, value: String)]

  /// Written to every file, and required in every file that is replaced or deleted.
  package static let mark = "Written by deskrun; `deskrun uninstall` removes it."

  /// - Parameters:
  ///   - executable: the program's absolute path.
  ///   - options: options in addition to the service's own arguments.
  ///   - environment: the environment to take its variables from.
  package init(_ service: OwnService, executable: String, options: [String] = [], environment: [String: String]) {
    self.service = service
    command = [executable] + service.arguments + options
    variables = Self.variables(of: environment)
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.service == other.service && one.command == other.command
      && one.variables.elementsEqual(other.variables, by: ==)
  }

  /// The variables of an environment that locate programs, the configuration and the cluster. None of them contains a
  /// secret.
  static func variables(of environment: [String: String]) -> [(name: String, value: String)] {
    let names = [
      "DESKRUN_DOCKER", "DESKRUN_HELM", "DESKRUN_HOME", "DESKRUN_KIND", "DESKRUN_KUBECTL", "DOCKER_HOST",
      "KIND_EXPERIMENTAL_PROVIDER", "KUBECONFIG", "PATH", "XDG_CACHE_HOME",
    ]
    return names.compactMap { name in
      environment[name].flatMap { $0.isEmpty ? nil : (name, $0) }
    }
  }

  /// The text of a systemd unit.
  ///
  /// - Throws: `EngineError` of kind `invalid` for text that cannot be written on one line.
  package func unit() throws(EngineError) -> String {
    var lines = [
      "# \(Self.mark)", "[Unit]", "Description=\(service.summary)",
      "Documentation=man:deskrun-\(service.arguments[0])(1)", "", "[Service]",
    ]
    if service.isOneShot { lines.append("Type=oneshot") }
    var words: [String] = []
    for word in command { words.append(try Self.unitWord(word.replacing("$", with: "$$"))) }
    lines.append("ExecStart=" + words.joined(separator: " "))
    for (name, value) in variables { lines.append("Environment=" + (try Self.unitWord("\(name)=\(value)"))) }
    if !service.isOneShot { lines += ["Restart=on-failure", "RestartSec=30", "Nice=10"] }
    lines += ["", "[Install]", "WantedBy=default.target", ""]
    return lines.joined(separator: "\n")
  }

  /// A word in systemd's syntax (systemd.syntax(7)): special characters doubled, quoted if necessary.
  private static func unitWord(_ word: String) throws(EngineError) -> String {
    try refuseControls(word)
    let escaped = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
    let isPlain = escaped.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-_./=:@+,%$".utf8.contains($0) }
    return isPlain && !escaped.isEmpty ? escaped : "\"\(escaped)\""
  }

  /// The text of a launchd property list.
  ///
  /// - Throws: as `unit`.
  package func propertyList() throws(EngineError) -> String {
    func string(_ text: String) throws(EngineError) -> String {
      try Self.refuseControls(text)
      let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      return "<string>\(escaped)</string>"
    }
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      #"<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">"#,
      #"<plist version="1.0"><dict>"#,
      // Not a comment, which must not contain two hyphens.
      "  <key>WrittenBy</key><string>\(Self.mark)</string>",
      "  <key>Label</key><string>\(service.label)</string>",
      "  <key>ProgramArguments</key><array>",
    ]
    for word in command { lines.append("    " + (try string(word))) }
    lines += ["  </array>", "  <key>EnvironmentVariables</key><dict>"]
    for (name, value) in variables { lines.append("    <key>\(name)</key>" + (try string(value))) }
    lines += ["  </dict>", "  <key>RunAtLoad</key><true/>"]
    if !service.isOneShot {
      lines += [
        "  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>",
        "  <key>ThrottleInterval</key><integer>30</integer>",
      ]
    }
    lines += ["  <key>ProcessType</key><string>Background</string>", "</dict></plist>", ""]
    return lines.joined(separator: "\n")
  }

  private static func refuseControls(_ text: String) throws(EngineError) {
    guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw EngineError(
        .invalid, "\(SafeText.line(text)) cannot be given to a service", why: "It contains a control character")
    }
  }
}
