import Basics

/// Secrets that a values file holds in plain text: variables with a telling name, and addresses with a password. They
/// reach Helm as they are, and are never shown.
package enum PlainSecrets {
  /// Words that make a variable's value a secret.
  private static let words = ["TOKEN", "PASSWORD", "PASSWD", "SECRET", "CREDENTIAL", "PRIVATE_KEY", "APIKEY"]

  /// Whether the name of a variable says that its value is a secret.
  package static func isTelling(_ name: String) -> Bool {
    let name = name.uppercased()
    // Those name where the secret is.
    guard !["_FILE", "_PATH", "_DIR"].contains(where: name.hasSuffix) else { return false }
    if words.contains(where: { name.firstRange(of: $0) != nil }) { return true }
    // A whole word, so that KEYBOARD and MONKEY are none.
    return name.split(whereSeparator: { $0 == "_" || $0 == "-" || $0 == "." }).contains("KEY")
  }

  /// A value as it may be shown.
  package static func masked(_ value: SourcedValue) -> SourcedValue {
    var result = value
    switch value.content {
    case .scalar(.string(let text)): result.content = .scalar(.string(withoutPassword(text)))
    case .scalar: break
    case .list(let items): result.content = .list(items.map(masked))
    case .map(let members):
      let isSecret = secretVariable(value.json) != nil
      result.content = .map(
        members.map { member in
          guard isSecret, member.key == "value" else { return .init(key: member.key, value: masked(member.value)) }
          return .init(
            key: member.key, value: SourcedValue(content: .scalar(.string(SecretMask.sign)), place: member.value.place))
        })
    }
    return result
  }

  /// A value as it may be shown.
  package static func masked(_ value: JSONValue) -> JSONValue { masked(SourcedValue(value)).json }

  /// The variables of a file that hold a secret, and its addresses with a password, with their lines and what to do.
  static func found(_ file: ValuesFile) -> [(mark: YAMLMark, what: String, advice: String)] {
    var found: [(mark: YAMLMark, what: String, advice: String)] = []
    func walk(_ node: YAMLNode, _ advice: String) {
      let ofVariable = "keep it in a Secret, and use --env-from SECRET:NAME"
      if let name = secretVariable(node.json) {
        found.append((node.mark, "the variable \(SafeText.line(name))", ofVariable))
        return
      }
      switch node.content {
      case .scalar(let value):
        if let text = value.stringValue, withoutPassword(text) != text {
          found.append((node.mark, "an address with a password", advice))
        }
      case .list(let items): for item in items { walk(item, advice) }
      case .map(let members):
        for member in members {
          let known: String? =
            switch member.key {
            case "proxy": "keep it in a Secret, and name that as credentialSecretRef"
            case "env": ofVariable
            default: nil
            }
          walk(member.value, known ?? advice)
        }
      }
    }
    walk(file.root, "keep it in a Secret")
    return found
  }

  /// The name of a variable that has a secret as its value; nil for everything else.
  private static func secretVariable(_ value: JSONValue) -> String? {
    guard let name = value["name"]?.stringValue, isTelling(name), let text = value["value"]?.stringValue,
      !text.isEmpty
    else { return nil }
    // A reference to another variable holds nothing itself.
    return text.hasPrefix("$(") && text.hasSuffix(")") ? nil : name
  }

  /// A text with the user and password of each address in it replaced: `http://••••••@proxy:3128`.
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
