import Basics

/// Plain-text secrets in a values file: variables, arguments and keys with suspicious names, and URLs with a password.
/// They are passed to Helm unchanged, but never shown.
package enum PlainSecrets {
  /// Words in a name that make its value a secret.
  private static let words = [
    "TOKEN", "PASSWORD", "PASSWD", "SECRET", "CREDENTIAL", "PRIVATE_KEY", "PRIVATEKEY", "APIKEY", "ACCESSKEY",
  ]

  /// Whether a variable's name suggests that its value is a secret.
  package static func isTelling(_ name: String) -> Bool {
    let name = name.uppercased()
    // These tell where the secret is.
    guard !["_FILE", "_PATH", "_DIR", "-FILE", "-PATH", "-DIR"].contains(where: name.hasSuffix) else { return false }
    if words.contains(where: { name.firstRange(of: $0) != nil }) { return true }
    // Only as a whole word, so that KEYBOARD and MONKEY do not match.
    return name.split(whereSeparator: { $0 == "_" || $0 == "-" || $0 == "." }).contains("KEY")
  }

  /// Whether a key suggests that its value is a secret rather than the name of one; `key` alone is used by Kubernetes.
  private static func isTellingKey(_ key: String) -> Bool {
    key != "key" && isTelling(key) && !["Name", "Ref", "Namespace", "Path", "File"].contains(where: key.hasSuffix)
  }

  /// The context of a mapping, which determines whether its keys name secrets.
  private enum Scope {
    /// The top level of values.
    case root
    /// Keys of Kubernetes or the chart: nothing in `secretKeyRef: {name: …, key: …}` is a secret.
    case known
    /// Keys are chosen by the user, or name credentials.
    case named
    /// A list of a command's arguments.
    case arguments

    /// The scope of a member's value.
    func inner(_ key: String) -> Scope {
      switch (self, key) {
      case (.root, "keyVault"), (.root, "githubConfigSecret"), (_, "env"), (_, "data"), (_, "stringData"): .named
      case (_, "args"), (_, "command"): .arguments
      case (_, "valueFrom"): .known
      case (.root, _): ChartKeys.isKnown(key) ? .known : .named
      case (.arguments, _): .known
      default: self
      }
    }
  }

  /// Values with secrets masked.
  package static func masked(_ values: SourcedValue) -> SourcedValue { masked(values, .root) }

  private static func masked(_ value: SourcedValue, _ scope: Scope) -> SourcedValue {
    var result = value
    switch value.content {
    case .scalar(.string(let text)): result.content = .scalar(.string(withoutPassword(text)))
    case .scalar: break
    case .list(let items):
      guard scope == .arguments else {
        result.content = .list(items.map { masked($0, scope) })
        break
      }
      var former: String?
      result.content = .list(
        items.map { item in
          defer { former = item.text }
          guard let text = item.text else { return masked(item, .known) }
          var item = item
          item.content = .scalar(.string(withoutPassword(withoutArgument(text, after: former))))
          return item
        })
    case .map(let members):
      let hasName = value["name"] != nil
      let isVariable = isSecretVariable(value["name"]?.text, value["value"]?.text)
      result.content = .map(
        members.map { member in
          let isSecret =
            isVariable && member.key == "value"
            || isSecretKey(member.key, member.value.text, scope, isVariable: hasName)
          let shown = isSecret ? sign(member.value) : masked(member.value, scope.inner(member.key))
          return .init(key: member.key, value: shown)
        })
    }
    return result
  }

  private static func sign(_ value: SourcedValue) -> SourcedValue {
    SourcedValue(content: .scalar(.string(SecretMask.sign)), place: value.place)
  }

  /// Values with secrets masked.
  package static func masked(_ values: JSONValue) -> JSONValue { masked(SourcedValue(values), .root).json }

  /// A value at a path of keys, with secrets masked.
  package static func masked(_ value: JSONValue, below keys: [String]) -> JSONValue {
    let scope = keys.reduce(Scope.root) { $0.inner($1) }
    let last = keys.last ?? ""
    if value.stringValue?.isEmpty == false,
      isSecretKey(last, value.stringValue, keys.dropLast().reduce(.root) { $0.inner($1) }, isVariable: false)
    {
      return .string(SecretMask.sign)
    }
    return masked(SourcedValue(value), scope).json
  }

  /// The variables, keys, arguments and URLs of a file that contain secrets, with their lines and what to do.
  static func found(_ file: ValuesFile) -> [(mark: YAMLMark, what: String, advice: String)] {
    var found: [(mark: YAMLMark, what: String, advice: String)] = []
    let ofVariable = "keep it in a Secret, and use --env-from SECRET:NAME"
    func walk(_ node: YAMLNode, _ scope: Scope, _ advice: String) {
      switch node.content {
      case .scalar(let value):
        if let text = value.stringValue, withoutPassword(text) != text {
          found.append((node.mark, "an address with a password", advice))
        }
      case .list(let items):
        var former: String?
        for item in items {
          if scope == .arguments, let text = item.text, withoutArgument(text, after: former) != text {
            found.append((item.mark, "an argument", ofVariable))
          } else {
            walk(item, scope, advice)
          }
          former = item.text
        }
      case .map(let members):
        let name = node["name"]?.text
        if isSecretVariable(name, node["value"]?.text) {
          found.append((node.mark, "the variable \(SafeText.line(name ?? ""))", ofVariable))
          return
        }
        for member in members {
          if isSecretKey(member.key, member.value.text, scope, isVariable: name != nil) {
            found.append((member.mark, "the value of \(SafeText.line(member.key))", advice))
            continue
          }
          let known: String? =
            switch member.key {
            case "proxy": "keep it in a Secret, and name that as credentialSecretRef"
            case "env": ofVariable
            default: nil
            }
          walk(member.value, scope.inner(member.key), known ?? advice)
        }
      }
    }
    walk(file.root, .root, "keep it in a Secret")
    return found
  }

  /// Whether a variable's value is a secret.
  private static func isSecretVariable(_ name: String?, _ value: String?) -> Bool {
    guard let name, isTelling(name), let value, !value.isEmpty else { return false }
    // A reference to another variable contains no secret.
    return !(value.hasPrefix("$(") && value.hasSuffix(")"))
  }

  /// Whether a member of a mapping is a secret according to its key.
  private static func isSecretKey(_ key: String, _ value: String?, _ scope: Scope, isVariable: Bool) -> Bool {
    switch scope {
    case .root: value?.isEmpty == false && !ChartKeys.isKnown(key) && isTellingKey(key)
    // A variable in a list has its name next to it.
    case .named: value?.isEmpty == false && !isVariable && isTellingKey(key)
    case .known, .arguments: false
    }
  }

  /// An argument with secret values masked: `--token=••••••`, `export API_KEY=••••••`, and the one after `--password`.
  private static func withoutArgument(_ text: String, after former: String?) -> String {
    if let former, former.hasPrefix("-"), !former.contains("="), !former.contains(" "), isTelling(former),
      isPlain(text[...])
    {
      return SecretMask.sign
    }
    guard text.utf8.contains(UInt8(ascii: "=")) else { return text }
    var result = ""
    var word = text[...]
    func shown(_ word: Substring) -> String {
      guard let sign = word.firstIndex(of: "="), isTelling(String(word[..<sign])),
        isPlain(word[word.index(after: sign)...])
      else { return String(word) }
      return word[...sign] + SecretMask.sign
    }
    while let end = word.firstIndex(where: { $0.isWhitespace || $0 == ";" || $0 == "&" || $0 == "|" }) {
      result += shown(word[..<end]) + String(word[end])
      word = word[word.index(after: end)...]
    }
    return result + shown(word)
  }

  /// Whether an argument is a plain value: not another option, a variable or a path.
  private static func isPlain(_ value: Substring) -> Bool {
    guard let first = value.drop(while: { $0 == "\"" || $0 == "'" }).first else { return false }
    return !["-", "$", "/", ".", "@"].contains(first)
  }

  /// A text with user and password masked in each URL: `http://••••••@proxy:3128`.
  package static func withoutPassword(_ text: String) -> String {
    guard text.firstRange(of: "://") != nil else { return text }
    var result = ""
    var rest = text[...]
    while let scheme = rest.firstRange(of: "://") {
      result += rest[..<scheme.upperBound]
      rest = rest[scheme.upperBound...]
      let authority = rest.prefix { !["/", "?", "#", "\"", "'", ",", "`"].contains($0) && !$0.isWhitespace }
      guard let at = authority.lastIndex(of: "@"), at != authority.startIndex else { continue }
      result += SecretMask.sign
      rest = rest[at...]
    }
    return result + rest
  }
}
