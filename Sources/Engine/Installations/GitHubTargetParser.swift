import Basics

/// Parses what people write for a repository, organization or enterprise.
struct GitHubTargetParser {
  private let given: String
  package private(set) var notes: [String] = []

  package init(_ text: String) { given = text }

  private static let example = "For example: https://github.com/owner/repo"

  package mutating func parse() throws(EngineError) -> (host: String, scope: GitHubTarget.Scope) {
    let text = given.trimmingSpaces
    guard !text.isEmpty else { throw EngineError(.invalid, "The repository URL is empty", fix: Self.example) }
    guard !SecretShapes.isSecret(text) else {
      throw EngineError(
        .invalid, "The repository URL contains what looks like a token or key",
        fix: "Give the URL of the repository, and the token with --auth-value @FILE, -, env:NAME or gh")
    }
    guard let first = text.first, !"/.~".contains(first) else {
      throw EngineError(.invalid, "\(SafeText.line(text)) is a path, not the URL of a repository", fix: Self.example)
    }
    guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }) else {
      // The text before an @ may be a password, and errors are shown and logged.
      throw EngineError(
        .invalid, "The repository URL has spaces or characters no URL has",
        why: text.contains("@") ? nil : SafeText.line(text), fix: Self.example)
    }
    try refuseGitAddress(text)
    guard !text.contains("@") else {
      throw EngineError(
        .invalid, "The repository URL carries a user name or password",
        why: "It would be stored in the configuration and in the cluster, where others can read it",
        fix: "Leave out everything up to the @, and give the token with --auth-value")
    }
    let (host, path) = try split(text)
    var parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    if path.count > 1, path.hasSuffix("/") { notes.append("The slash at the end of the URL was dropped") }
    if let last = parts.last, parts.count == 2, last.hasSuffix(".git"), last.count > 4 {
      parts[1] = String(last.dropLast(4))
      notes.append("The .git at the end of the URL was dropped")
    }
    return (host, try scope(parts, host: host))
  }

  /// `git@host:owner/repo.git` and `ssh://git@host/owner/repo.git` are for git, not for ARC. The error does not repeat
  /// them: they may contain a password.
  private func refuseGitAddress(_ text: String) throws(EngineError) {
    var rest: Substring
    let lower = text.lowercased()
    if lower.hasPrefix("ssh://") || lower.hasPrefix("git://") {
      rest = text.dropFirst(6)
    } else if text.hasPrefix("git@") {
      rest = text[...]
    } else {
      return
    }
    if let at = rest.firstIndex(of: "@") { rest = rest[rest.index(after: at)...] }
    var parts = rest.split(whereSeparator: { $0 == "/" || $0 == ":" }).map(String.init)
    if parts.count > 3, Int(parts[1]) != nil { parts.remove(at: 1) }
    if let last = parts.last, last.hasSuffix(".git") { parts[parts.count - 1] = String(last.dropLast(4)) }
    throw EngineError(
      .invalid, "This is an address for git; runners need the address of the web page",
      fix: parts.count == 3 && !rest.contains("@") ? "Use https://\(parts.joined(separator: "/"))" : Self.example)
  }

  private mutating func split(_ text: String) throws(EngineError) -> (host: String, path: String) {
    var rest = text
    let lower = text.lowercased()
    if lower.hasPrefix("https://") {
      rest = String(text.dropFirst(8))
    } else if lower.hasPrefix("http://") {
      rest = String(text.dropFirst(7))
      notes.append("http:// was changed to https://")
    } else if text.contains("://") {
      throw EngineError(.invalid, "The repository URL must start with https://", fix: Self.example)
    } else if Self.looksLikeHost(text) {
      notes.append("https:// was put before the URL")
    } else {
      rest = "github.com/" + text
      notes.append("\(text) was taken as https://github.com/\(text)")
    }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    var host = rest[..<slash].lowercased()
    if host.hasSuffix(":443") {
      host = String(host.dropLast(4))
      notes.append(":443 was dropped from the URL: https uses that port anyway")
    }
    if host == "www.github.com" {
      host = "github.com"
      notes.append("www. was dropped from the URL")
    }
    let path = String(rest[slash...])
    guard !path.contains("?"), !path.contains("#") else {
      throw EngineError(
        .invalid, "The repository URL has a part after ? or #",
        fix: Self.fix(for: "https://\(host)\(path.prefix { $0 != "?" && $0 != "#" })"))
    }
    guard Self.isHost(host) else {
      throw EngineError(.invalid, "\(host) is not a host name", fix: Self.example)
    }
    return (host, path)
  }

  /// A correction for an address that is partly right.
  private static func fix(for address: String) -> String {
    do throws(EngineError) {
      return "Use \(try GitHubTarget(address).url)"
    } catch {
      return error.fix ?? example
    }
  }

  private static func looksLikeHost(_ text: String) -> Bool {
    let first = text.prefix { $0 != "/" }
    return first.contains(".") || first.contains(":")
  }

  private static func isHost(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.first, !name.isEmpty else { return false }
    if parts.count == 2 { guard let port = Int(parts[1]), (1...65535).contains(port) else { return false } }
    return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
        && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }
  }

  /// Whether an account can have this name: an organization, or a user, including those managed by a company.
  static func isOwner(_ name: String) -> Bool { problem(ofOwner: name, isOrganization: false) == nil }

  /// Why no account can have this name: allowed are letters, digits and single hyphens inside, at most 39 characters.
  /// Managed users also have one underscore before the short name of their company.
  private static func problem(ofOwner name: String, isOrganization: Bool) -> String? {
    let underscores = name.utf8.count { $0 == UInt8(ascii: "_") }
    guard name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_".utf8.contains($0) }),
      underscores <= (isOrganization ? 0 : 1)
    else {
      return isOrganization
        ? "it may contain only letters, digits and single hyphens"
        : "it may contain only letters, digits, single hyphens and, for a managed user, one underscore"
    }
    if name.hasPrefix("-") || name.hasSuffix("-") || name.hasPrefix("_") || name.hasSuffix("_") {
      return "it must start and end with a letter or digit"
    }
    if name.contains("--") { return "it may not contain two hyphens in a row" }
    return name.utf8.count > 39 ? "it has \(name.utf8.count) characters, and GitHub allows 39" : nil
  }

  /// Whether a repository can have this name.
  static func isRepository(_ name: String) -> Bool { problem(ofRepository: name) == nil }

  private static func problem(ofRepository name: String) -> String? {
    if [".", "..", ".git"].contains(name) { return "GitHub reserves it" }
    guard name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-_.".utf8.contains($0) }) else {
      return "it may contain only letters, digits, `.`, `_` and `-`"
    }
    return name.utf8.count > 100 ? "it has \(name.utf8.count) characters, and GitHub allows 100" : nil
  }

  private func scope(_ parts: [String], host: String) throws(EngineError) -> GitHubTarget.Scope {
    if let page = GitHubPage(parts, host: host) { throw page.refusal }
    if parts.first == "enterprises" {
      guard parts.count == 2 else {
        throw EngineError(
          .invalid, "The URL of an enterprise has the form https://\(host)/enterprises/NAME",
          fix: parts.count > 2 ? "Use https://\(host)/enterprises/\(parts[1])" : nil)
      }
      try check(parts[1], "an enterprise", Self.problem(ofRepository: parts[1]))
      return .enterprise(parts[1])
    }
    let isOrganization = parts.count == 1
    if let owner = parts.first {
      try check(
        owner, isOrganization ? "an organization" : "an owner",
        Self.problem(ofOwner: owner, isOrganization: isOrganization))
    }
    if parts.count > 1 { try check(parts[1], "a repository", Self.problem(ofRepository: parts[1])) }
    switch parts.count {
    case 0:
      throw EngineError(
        .invalid, "The URL names no repository and no organization", fix: "For example: https://\(host)/owner/repo")
    case 1: return .organization(parts[0])
    case 2: return .repository(owner: parts[0], name: parts[1])
    default:
      throw EngineError(
        .invalid, "The URL has more parts than owner and repository", why: given,
        fix: "Use https://\(host)/\(parts[0])/\(parts[1].hasSuffix(".git") ? String(parts[1].dropLast(4)) : parts[1])")
    }
  }

  private func check(_ name: String, _ kind: String, _ problem: String?) throws(EngineError) {
    guard let problem else { return }
    throw EngineError(
      .invalid, "\"\(SafeText.line(name))\" cannot be the name of \(kind) on GitHub", why: problem, fix: Self.example)
  }
}
