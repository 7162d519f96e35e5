import ARC
import Basics

extension PodSettings {
  /// Sets a setting from the values of its option.
  ///
  /// - Throws: `EngineError` of kind `invalid` that names the first rejected value.
  package mutating func set(_ setting: PodSetting, _ texts: [String]) throws(EngineError) {
    var other = PodSettings()
    for text in texts { try other.add(setting, text) }
    set(setting, from: other)
  }

  private mutating func add(_ setting: PodSetting, _ text: String) throws(EngineError) {
    let option = "--\(setting.rawValue)"
    guard !text.allSatisfy(\.isWhitespace) else {
      throw EngineError(
        .invalid, "\(option) is empty", why: "An empty value was given, as by a shell variable that is not set",
        fix: "Give a value or leave \(option) out; `deskrun edit` removes what is set with --reset \(setting.rawValue)")
    }
    guard !SecretShapes.isSecret(text) else {
      throw EngineError(
        .invalid, "A token or a private key was given with \(option)",
        why: "It would be in the configuration and in Helm's release, for all who may read them",
        fix: "Put it into a Secret of the runners' namespace and use --env-from SECRET:KEY")
    }
    switch setting {
    case .environment:
      let (name, value) = try Self.pair(text, option, "NAME=VALUE", example: "HTTP_PROXY=http://proxy:3128")
      try Self.check(variable: name, option)
      guard !environment.contains(where: { $0.name == name }) else { throw Self.twice(name, option) }
      environment.append(EnvironmentVariable(name, value))
    case .secretEnvironment:
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      try Self.check(object: parts[0], option, "Secret")
      guard parts.count == 2 else {
        guard !secretEnvironments.contains(text) else { throw Self.twice(text, option) }
        secretEnvironments.append(text)
        return
      }
      try Self.check(variable: parts[1], option)
      guard !environment.contains(where: { $0.name == parts[1] }) else { throw Self.twice(parts[1], option) }
      environment.append(EnvironmentVariable(parts[1], secret: parts[0], key: parts[1]))
    case .cpus: cpus = try Quantity.cpus(text, option)
    case .memory: memory = try Quantity.bytes(text, option)
    case .workSize: workSize = try Quantity.bytes(text, option)
    case .storageClass:
      try Self.check(object: text, option, "StorageClass")
      storageClass = text
    case .runnerGroup:
      guard !text.isEmpty, text.utf8.count < 256, SafeText.line(text) == text else {
        throw EngineError(
          .invalid, "\(option) is not the name of a runner group", fix: "Use its name as GitHub shows it")
      }
      runnerGroup = text
    case .serviceAccount:
      try Self.check(object: text, option, "service account")
      serviceAccount = text
    case .pullPolicy:
      guard let policy = PullPolicy(rawValue: text) else {
        throw EngineError(
          .invalid, "\(option) \(SafeText.line(text)) is not a pull policy",
          fix: "Use one of \(PullPolicy.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      pullPolicy = policy
    case .pullSecrets:
      try Self.check(object: text, option, "Secret")
      guard !pullSecrets.contains(text) else { throw Self.twice(text, option) }
      pullSecrets.append(text)
    case .nodeSelector:
      let (key, value) = try Self.pair(text, option, "KEY=VALUE", example: "disktype=ssd")
      try Self.check(labelKey: key, option)
      try Self.check(labelValue: value, option)
      guard !nodeSelector.contains(where: { $0.key == key }) else { throw Self.twice(key, option) }
      nodeSelector.append(NodeLabel(key, value))
    case .tolerations:
      let toleration = try Self.toleration(text, option)
      guard !tolerations.contains(toleration) else { throw Self.twice(text, option) }
      tolerations.append(toleration)
    case .dindImage:
      if let problem = ImageReference.problem(text) {
        throw EngineError(
          .invalid, "\"\(SafeText.line(text))\" is not the name of an image", why: SafeText.line(problem),
          fix: "For example: \(option) docker:28-dind")
      }
      dindImage = text
    case .dindArguments:
      guard text.hasPrefix("-"), SafeText.line(text) == text else {
        throw EngineError(
          .invalid, "\(option) \(SafeText.line(text)) is not an option of dockerd",
          fix: "For example: \(option)=--registry-mirror=https://mirror.example.com")
      }
      dindArguments.append(text)
    case .namespace: namespace = try NamespaceName.checked(text, option)
    case .proxy: try add(proxy: text, option)
    case .proxySecret:
      try Self.check(object: text, option, "Secret")
      proxy.secret = text
    case .proxyExceptions:
      let host = try ProxyText.exception(text, option)
      guard !proxy.exceptions.contains(host) else { throw Self.twice(text, option) }
      proxy.exceptions.append(host)
    case .certificates: certificates = try CertificateFile.path(text, option)
    case .cacheClaims:
      let claim = try CacheClaim(text, option)
      guard !cacheClaims.contains(where: { $0.target == claim.target }) else { throw Self.twice(claim.target, option) }
      cacheClaims.append(claim)
    }
  }

  /// `URL` for both protocols, or `http=URL` and `https=URL`.
  private mutating func add(proxy text: String, _ option: String) throws(EngineError) {
    let (scheme, url) = try ProxyText.read(text, option)
    switch scheme {
    case .both:
      guard proxy.http == nil, proxy.https == nil else { throw Self.twice(url, option) }
      (proxy.http, proxy.https) = (url, url)
    case .http:
      guard proxy.http == nil else { throw Self.twice("http", option) }
      proxy.http = url
    case .https:
      guard proxy.https == nil else { throw Self.twice("https", option) }
      proxy.https = url
    }
  }

  private static func toleration(_ text: String, _ option: String) throws(EngineError) -> Toleration {
    var rest = Substring(text)
    var effect: Toleration.Effect?
    if let colon = rest.lastIndex(of: ":") {
      let word = rest[rest.index(after: colon)...]
      guard let known = Toleration.Effect(rawValue: String(word)) else {
        throw EngineError(
          .invalid, "\(option) \(SafeText.line(text)): \(SafeText.line(word)) is not an effect",
          fix: "Use one of \(Toleration.Effect.allCases.map(\.rawValue).joined(separator: ", ")), or none for all")
      }
      effect = known
      rest = rest[..<colon]
    }
    let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    try check(labelKey: parts.first ?? "", option)
    if parts.count == 2 { try check(labelValue: parts[1], option) }
    return Toleration(key: parts[0], value: parts.count == 2 ? parts[1] : nil, effect: effect)
  }

  // MARK: Words

  private static func pair(
    _ text: String, _ option: String, _ form: String, example: String
  ) throws(EngineError) -> (String, String) {
    guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
      throw EngineError(
        .invalid, "\(option) \(SafeText.line(text)) does not have the form \(form)",
        fix: "For example: \(option) \(example)")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  private static func twice(_ text: String, _ option: String) -> EngineError {
    EngineError(.invalid, "\(option) has \(SafeText.line(text)) twice", fix: "Remove one of them")
  }

  private static func check(variable name: String, _ option: String) throws(EngineError) {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first), name.utf8.count < 256,
      name.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) })
    else {
      throw EngineError(
        .invalid, "\(option): \(SafeText.line(name)) is not the name of a variable",
        fix: "Use letters, digits and `_`, with a letter first")
    }
  }

  static func check(object name: String, _ option: String, _ kind: String) throws(EngineError) {
    let bytes = name.utf8
    guard let first = bytes.first, let last = bytes.last, bytes.count < 254, first != 0x2D, first != 0x2E,
      last != 0x2D, last != 0x2E,
      bytes.allSatisfy({ $0.isASCIILetterOrDigit && !(0x41...0x5A).contains($0) || $0 == 0x2D || $0 == 0x2E })
    else {
      throw EngineError(
        .invalid, "\(option): \(SafeText.line(name)) is not the name of a \(kind)",
        fix: "Use lowercase letters, digits, `-` and `.`")
    }
  }

  private static func check(labelKey key: String, _ option: String) throws(EngineError) {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.last, !name.isEmpty, isLabel(name), parts.allSatisfy({ !$0.isEmpty }),
      parts.count == 1 || parts[0].utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-.".utf8.contains($0) })
    else {
      throw EngineError(
        .invalid, "\(option): \(SafeText.line(key)) is not the key of a label",
        fix: "Use a key such as disktype or kubernetes.io/arch")
    }
  }

  private static func check(labelValue value: String, _ option: String) throws(EngineError) {
    guard value.isEmpty || isLabel(value[...]) else {
      throw EngineError(
        .invalid, "\(option): \(SafeText.line(value)) is not the value of a label",
        fix: "Use at most 63 letters, digits, `-`, `_` and `.`")
    }
  }

  private static func isLabel(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= 63 else { return false }
    return first.isASCIILetterOrDigit && last.isASCIILetterOrDigit
      && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_.-".utf8.contains($0) }
  }
}

/// Amounts in the Kubernetes format.
private enum Quantity {
  static func cpus(_ text: String, _ option: String) throws(EngineError) -> String {
    let (number, unit) = parts(text)
    guard let number, number > 0, unit.isEmpty || unit == "m" else {
      throw EngineError(
        .invalid, "\(option) \(SafeText.line(text)) is not a number of CPUs", fix: "For example: \(option) 2, or 500m")
    }
    return text
  }

  static func bytes(_ text: String, _ option: String) throws(EngineError) -> String {
    let (number, unit) = parts(text)
    let units = ["", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
    guard let number, number > 0, units.contains(unit) else {
      throw EngineError(
        .invalid, "\(option) \(SafeText.line(text)) is not an amount", fix: "For example: \(option) 4Gi, or 512Mi")
    }
    // Without a unit these are bytes, which is not what a value like 4 means.
    guard !unit.isEmpty || number >= 1_048_576 else {
      throw EngineError(
        .invalid, "\(option) \(SafeText.line(text)) has no unit", why: "It would be \(SafeText.line(text)) bytes",
        fix: "For example: \(option) \(SafeText.line(text))Gi")
    }
    return text
  }

  /// The number (nil if the text does not start with one) and the rest of the text.
  private static func parts(_ text: String) -> (Double?, String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard digits.first != ".", digits.last != ".", digits.count < 16 else { return (nil, "") }
    return (Double(digits), String(text[digits.endIndex...]))
  }
}
