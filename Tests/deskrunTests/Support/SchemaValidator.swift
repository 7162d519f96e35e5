import Engine

/// Validates documents with a JSON Schema (2020-12), with the keywords that docs/output.schema.json uses. It is
/// stricter than the schema in one point: an undescribed key is a problem, while later versions may add keys.
struct SchemaValidator {
  let schema: JSONValue
  /// The properties that had a value other than null in some document: `status.cluster`, `finding.rule`.
  private(set) var seen: Set<String> = []

  init(_ schema: JSONValue) { self.schema = schema }

  /// All properties described by the definitions.
  var described: Set<String> {
    var all: Set<String> = []
    for (name, definition) in schema["$defs"]?.objectValue?.members ?? [] { describe(definition, name, &all) }
    return all
  }

  private func describe(_ node: JSONValue, _ path: String, _ all: inout Set<String>) {
    for (key, inner) in node["properties"]?.objectValue?.members ?? [] {
      all.insert("\(path).\(key)")
      describe(inner, "\(path).\(key)", &all)
    }
    if let items = node["items"] { describe(items, path, &all) }
    for choice in choices(node) { describe(choice, path, &all) }
  }

  private func choices(_ node: JSONValue) -> [JSONValue] {
    (node["anyOf"]?.arrayValue ?? []) + (node["oneOf"]?.arrayValue ?? [])
  }

  /// The problems of a document; empty if it matches the definition.
  mutating func problems(_ document: JSONValue, _ definition: String) -> [String] {
    guard let node = schema["$defs"]?[definition] else { return ["there is no definition \(definition)"] }
    var found: Set<String> = []
    let problems = check(document, node, at: "", definition, &found)
    seen.formUnion(found)
    return problems
  }

  private static let keywords: Set<String> = [
    "$ref", "anyOf", "oneOf", "type", "enum", "const", "properties", "required", "items", "minItems", "maxItems",
    "format", "additionalProperties", "description",
  ]

  /// - Parameters:
  ///   - place: the path in the document.
  ///   - path: the path in the schema, as in `seen`.
  private func check(
    _ value: JSONValue, _ node: JSONValue, at place: String, _ path: String, _ found: inout Set<String>
  ) -> [String] {
    var problems: [String] = []
    func say(_ words: String) { problems.append("\(place.isEmpty ? "the document" : place) \(words)") }
    for key in node.objectValue?.keys ?? [] where !Self.keywords.contains(key) { say("has the unknown keyword \(key)") }
    if let reference = node["$ref"]?.stringValue {
      let name = String(reference.dropFirst("#/$defs/".count))
      guard let target = schema["$defs"]?[name] else { return ["there is no definition \(reference)"] }
      problems += check(value, target, at: place, name, &found)
    }
    for keyword in ["anyOf", "oneOf"] {
      guard let choices = node[keyword]?.arrayValue else { continue }
      var fitting = 0
      var refusals: [String] = []
      for choice in choices {
        var foundHere: Set<String> = []
        let problems = check(value, choice, at: place, path, &foundHere)
        if problems.isEmpty { found.formUnion(foundHere) }
        fitting += problems.isEmpty ? 1 : 0
        refusals += problems
      }
      if fitting == 0 { say("fits none of its forms: \(refusals.joined(separator: "; "))") }
      if keyword == "oneOf", fitting > 1 { say("fits more than one of its forms") }
    }
    if let type = node["type"] {
      let types = type.stringValue.map { [$0] } ?? type.arrayValue?.compactMap(\.stringValue) ?? []
      if !types.contains(where: { Self.isOf($0, value) }) { say("is \(value.encoded()), not of type \(types)") }
    }
    if let allowed = node["enum"]?.arrayValue, !allowed.contains(value) {
      say("is \(value.encoded()), none of \(allowed)")
    }
    if let constant = node["const"], constant != value { say("is \(value.encoded()), not \(constant.encoded())") }
    if node["format"] == "date-time", let text = value.stringValue, Timestamp.parse(text) == nil {
      say("is no time: \(text)")
    }
    if let items = value.arrayValue {
      if let least = node["minItems"]?.intValue, items.count < least { say("has \(items.count) items") }
      if let most = node["maxItems"]?.intValue, items.count > most { say("has \(items.count) items") }
      if let form = node["items"] {
        for (at, item) in items.enumerated() { problems += check(item, form, at: "\(place)[\(at)]", path, &found) }
      }
    }
    guard let object = value.objectValue, let properties = node["properties"] else { return problems }
    for key in node["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where object[key] == nil {
      say("lacks \(key)")
    }
    for (key, inner) in object.members {
      guard let form = properties[key] else {
        say("has \(key), which is not described")
        continue
      }
      if inner != .null { found.insert("\(path).\(key)") }
      problems += check(inner, form, at: place.isEmpty ? key : "\(place).\(key)", "\(path).\(key)", &found)
    }
    return problems
  }

  private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("array", .array), ("object", .object): true
    case ("integer", _): value.intValue != nil
    case ("number", .double): true
    case ("number", _): value.intValue != nil
    case ("string", _): value.stringValue != nil
    default: false
    }
  }
}
