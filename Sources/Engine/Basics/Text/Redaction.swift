/// Hides the parts of an object that nobody should read over a user's shoulder.
package enum Redaction {
  /// The object without secrets and without `managedFields`.
  package static func shown(_ object: JSONValue) -> JSONValue { masked(object, depth: 0) }

  private static let secretKeys: Set<String> = ["runnerJITConfig", "github_token", "github_app_private_key", "token"]

  private static func masked(_ value: JSONValue, depth: Int) -> JSONValue {
    switch value {
    case .array(let items): return .array(items.map { masked($0, depth: depth + 1) })
    case .object(let object):
      var result: JSONObject = [:]
      let isSecret = object["kind"] == "Secret"
      let namesSecret = object["name"]?.stringValue.map(soundsSecret) ?? false
      for (key, member) in object.members {
        if key == "managedFields" || key == "kubectl.kubernetes.io/last-applied-configuration" { continue }
        let hides =
          secretKeys.contains(key) || (isSecret && (key == "data" || key == "stringData"))
          || (namesSecret && key == "value")
        if hides, case .object(let inside) = member {
          var names: JSONObject = [:]
          for (name, _) in inside.members { names[name] = .string("••••••") }
          result[key] = .object(names)
        } else {
          result[key] = hides && member != .null ? .string("••••••") : masked(member, depth: depth + 1)
        }
      }
      return .object(result)
    default: return value
    }
  }

  /// Names of variables whose values are hidden.
  private static func soundsSecret(_ name: String) -> Bool {
    let name = name.uppercased()
    return ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PRIVATE_KEY", "JITCONFIG", "CREDENTIAL"].contains(
      where: name.contains)
  }
}
