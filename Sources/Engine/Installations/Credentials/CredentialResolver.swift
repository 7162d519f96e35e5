import Basics
import Tools

/// Turns what the user specified, or what the configuration stores, into credentials.
package struct CredentialResolver: Sendable {
  package var environment: [String: String]
  /// Reads a file; throws `EngineError` or `CancellationError`.
  package var readFile: @Sendable (String) async throws -> [UInt8]
  /// Reads standard input to its end; throws `EngineError` or `CancellationError`.
  package var readStandardInput: @Sendable () async throws -> [UInt8]
  /// Asks for a secret without echo; nil if nobody can be asked. The string is the prompt.
  package var prompt: (@Sendable (String) throws -> Secret)?
  /// Asks gh for its token for a host; throws `EngineError`.
  package var ghToken: @Sendable (String) async throws -> Secret
  /// The folder for relative paths of secret files.
  package var folder = "/"

  package init(
    environment: [String: String],
    readFile: @escaping @Sendable (String) async throws -> [UInt8] = CredentialResolver.secret(inFile:),
    readStandardInput: @escaping @Sendable () async throws -> [UInt8],
    prompt: (@Sendable (String) throws -> Secret)? = nil,
    ghToken: @escaping @Sendable (String) async throws -> Secret
  ) {
    self.environment = environment
    self.readFile = readFile
    self.readStandardInput = readStandardInput
    self.prompt = prompt
    self.ghToken = ghToken
  }

  /// The kind of secret needed.
  package enum Kind: String, Sendable, CaseIterable {
    /// A personal access token.
    case token = "pat"
    /// The private key of a GitHub App.
    case appKey = "github-app"
  }

  /// Whether to store the secret itself or its source.
  package enum Storage: String, Sendable, CaseIterable {
    /// The secret.
    case literal
    /// The reference.
    case reference
  }

  /// A secret, what to store of it, and warnings for the user.
  package struct Found: Sendable {
    /// The secret, checked and repaired.
    package var secret: Secret
    /// What to store in the configuration.
    package var source: SecretSource
    /// Sentences for the user.
    package var warnings: [String]
  }

  /// The variables that may contain a token, in order: deskrun's own, then those of gh for this kind of host.
  package static func variables(host: String) -> [String] {
    ["DESKRUN_GITHUB_TOKEN"]
      + (host == "github.com" || host.hasSuffix(".ghe.com")
        ? ["GH_TOKEN", "GITHUB_TOKEN"] : ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"])
  }

  /// Finds the secret for a new or edited installation.
  ///
  /// - Parameter isTyped: whether it was typed into a form and so is not visible in the process list.
  /// - Throws: `EngineError` of kind `invalid` or `unauthorized`.
  package func find(
    _ argument: CredentialArgument?, kind: Kind, host: String, storage: Storage, folder: String, isTyped: Bool = false
  ) async throws -> Found {
    var warnings: [String] = []
    let raw: Secret
    let reference: SecretSource?
    switch argument {
    case .literal(let secret):
      raw = secret
      reference = nil
      if !isTyped {
        warnings.append(
          "The token or key was passed on the command line, where other users can see it in the process list. "
            + "Use --auth-value @FILE, -, env:NAME or gh instead.")
      }
    case .file(let path):
      let absolute = path.hasPrefix("/") ? path : "\(folder)/\(path)"
      raw = Secret(String(decoding: try await readFile(absolute), as: UTF8.self))
      reference = .file(absolute)
    case .standardInput:
      raw = Secret(String(decoding: try await readStandardInput(), as: UTF8.self))
      reference = nil
    case .environment(let name):
      raw = try variable(name)
      reference = .environment(name)
    case .gh:
      raw = try await ghToken(host)
      reference = .gh(host: host)
    case nil: (raw, reference) = try fallback(kind: kind, host: host)
    }
    SecretMask.remember(raw)
    let (secret, warning) = try Self.checked(raw, kind: kind)
    SecretMask.remember(secret)
    if let warning { warnings.append(warning) }
    guard storage == .reference else { return Found(secret: secret, source: .literal(secret), warnings: warnings) }
    guard let reference else {
      throw EngineError(
        .invalid, "--store reference needs a source that can be read again",
        why: "A secret that was typed or piped in cannot be read again later",
        fix: "Use --auth-value @FILE, env:NAME or gh with it")
    }
    return Found(secret: secret, source: reference, warnings: warnings)
  }

  private func fallback(kind: Kind, host: String) throws -> (Secret, SecretSource?) {
    let what = kind == .token ? "token" : "private key of the GitHub App"
    if kind == .token {
      for name in Self.variables(host: host) {
        if let value = environment[name], !value.trimmingSpaces.isEmpty { return (Secret(value), .environment(name)) }
      }
      if let prompt { return (try prompt("Token for \(host) (it is not shown)"), nil) }
    }
    throw EngineError(
      .invalid, "No \(what) found",
      fix: kind == .token
        ? "Give one with --auth-value: @FILE, - (standard input), env:NAME or gh; or set "
          + Self.variables(host: host).joined(separator: ", ")
        : "Give it with --auth-value @FILE")
  }

  private func variable(_ name: String) throws(EngineError) -> Secret {
    guard let value = environment[name], !value.trimmingSpaces.isEmpty else {
      throw EngineError(
        .unauthorized, "The environment variable \(name) is not set", fix: "Set it: export \(name)=…")
    }
    return Secret(value)
  }

  package static func checked(_ secret: Secret, kind: Kind) throws(EngineError) -> (Secret, String?) {
    switch kind {
    case .token: try TokenForm.checked(secret)
    case .appKey: (try PrivateKey.checked(secret), nil)
    }
  }

  /// The credentials of an installation in the configuration.
  ///
  /// - Throws: `EngineError` that names the installation and what is missing.
  package func resolve(_ installation: Installation) async throws -> ResolvedCredentials {
    do {
      let secret = try await secret(of: installation)
      SecretMask.remember(secret)
      switch installation.authentication {
      case .token: return .token(try Self.checked(secret, kind: .token).0)
      case .app(let id, let installationID, _):
        let ids = try AppIdentity.checked(id: id, installationID: installationID, target: installation.target)
        let key = try Self.checked(secret, kind: .appKey).0
        SecretMask.remember(key)
        return .app(id: ids.id, installationID: ids.installationID, key: key)
      }
    } catch let error as EngineError {
      throw EngineError(
        error.kind, "\(installation.name) has no usable credentials: \(error.what)", why: error.why,
        fix: (error.fix.map { "\($0); or give" } ?? "Give")
          + " others with `deskrun edit \(installation.name) --auth-value …`")
    }
  }

  private func secret(of installation: Installation) async throws -> Secret {
    switch installation.authentication.source {
    case .literal(let secret): return secret
    case .environment(let name): return try variable(name)
    case .file(let path): return Secret(String(decoding: try await readFile(path), as: UTF8.self))
    case .gh(let host): return try await ghToken(host)
    }
  }

  /// The secret in a file. A FIFO is read until its writers have closed it.
  ///
  /// - Throws: `EngineError`, or `CancellationError` if the task is canceled meanwhile.
  package static func secret(inFile path: String) async throws -> [UInt8] {
    do {
      return try await SecretReader.read(file: path)
    } catch let error as FileIO.Failure {
      throw unreadable(path, error)
    }
  }

  /// The contents of a file without secrets, with errors for the user.
  package static func contents(of path: String) throws -> [UInt8] {
    do throws(FileIO.Failure) {
      if let bytes = try FileIO.read(path, limit: SecretReader.limit) { return bytes }
      throw FileIO.Failure(operation: "open", code: 2)
    } catch {
      throw unreadable(path, error)
    }
  }

  private static func unreadable(_ path: String, _ failure: FileIO.Failure) -> EngineError {
    EngineError(
      .unauthorized, "The file \(path) cannot be read", why: failure.reason, fix: "Check its path and who may read it")
  }
}
