import Basics

/// The value of a scalar, by the rules of Helm's YAML library (github.com/kubernetes-sigs/yaml, mostly YAML 1.1): `yes`
/// and `on` are true, `0o17`, `017` and `0x0F` are 15, and a date is a string.
enum YAMLScalar {
  static let prefix = "tag:yaml.org,2002:"

  /// - Returns: nil for an unsupported tag, and for text that does not match its tag.
  static func value(_ text: String, tag: String?, isPlain: Bool) -> JSONValue? {
    switch tag {
    case nil: return isPlain ? plain(text) : .string(text)
    case "!", prefix + "str": return .string(text)
    case prefix + "null": return plain(text) == .null ? .null : nil
    case prefix + "bool": return plain(text).boolValue.map(JSONValue.bool)
    case prefix + "int": return plain(text).intValue.map(JSONValue.int)
    case prefix + "float":
      switch plain(text) {
      case .int(let number): return .double(Double(number))
      case .double(let number): return .double(number)
      default: return nil
      }
    default: return nil
    }
  }

  /// A key as in Helm: numbers and Booleans are keys by their text.
  static func key(_ node: YAMLNode) -> String? {
    guard case .scalar(let value) = node.content else { return nil }
    switch value {
    case .string(let text): return text
    case .int(let number): return String(number)
    case .bool(let truth): return truth ? "true" : "false"
    case .double(let number): return String(number)
    default: return nil
    }
  }

  private static let words: [String: JSONValue] = {
    var words: [String: JSONValue] = ["": .null, "~": .null]
    func add(_ names: [String], _ value: JSONValue) {
      for name in names {
        let capitalized = name.prefix(1).uppercased() + name.dropFirst()
        for form in [name, capitalized, name.uppercased()] { words[form] = value }
      }
    }
    add(["null"], .null)
    add(["y", "yes", "true", "on"], true)
    add(["n", "no", "false", "off"], false)
    return words
  }()

  private static func plain(_ text: String) -> JSONValue {
    if let value = words[text] { return value }
    guard let first = text.utf8.first, first >= 0x2B, first <= 0x39, first != 0x2C, first != 0x2F else {
      return .string(text)
    }
    let digits = text.utf8.contains(0x5F) ? text.filter { $0 != "_" } : text
    if let number = integer(digits) { return .int(number) }
    if isDecimal(digits), let number = Double(digits), number.isFinite { return .double(number) }
    return .string(text)
  }

  private static func integer(_ text: String) -> Int? {
    let isNegative = text.hasPrefix("-")
    let unsigned = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
    let (radix, digits): (Int, Substring) =
      switch unsigned.prefix(2).lowercased() {
      case "0x": (16, unsigned.dropFirst(2))
      case "0o": (8, unsigned.dropFirst(2))
      case "0b": (2, unsigned.dropFirst(2))
      default: unsigned.count > 1 && unsigned.hasPrefix("0") ? (8, unsigned.dropFirst()) : (10, unsigned)
      }
    // Int itself accepts a sign.
    guard digits.utf8.allSatisfy(\.isASCIILetterOrDigit), !digits.isEmpty else { return nil }
    return Int((isNegative ? "-" : "") + digits, radix: radix)
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
  private static func isDecimal(_ text: String) -> Bool {
    var rest = Substring(text).utf8
    func digits() -> Int {
      let count = rest.prefix { (0x30...0x39).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == 0x2B || rest.first == 0x2D { rest = rest.dropFirst() }
    let whole = digits()
    var fraction = 0
    if rest.first == 0x2E {
      rest = rest.dropFirst()
      fraction = digits()
    }
    guard whole + fraction > 0 else { return false }
    if rest.first == 0x65 || rest.first == 0x45 {
      rest = rest.dropFirst()
      if rest.first == 0x2B || rest.first == 0x2D { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
