import Basics
import CYaml

/// Reads a YAML document with libyaml. Aliases, `<<` and tags are resolved as in Helm.
package struct YAMLReader {
  /// Aliases can expand a small document enormously; more nodes than this are rejected.
  private static let limit = 200_000
  private static let depthLimit = 200

  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeBufferPointer<UInt8>
  private var anchors: [String: YAMLNode] = [:]
  /// Anchors that are still being read: an alias to one of them would be infinite.
  private var open: Set<String> = []
  private var nodes = 0

  private init(_ parser: UnsafeMutablePointer<yaml_parser_t>, _ bytes: UnsafeBufferPointer<UInt8>) {
    (self.parser, self.bytes) = (parser, bytes)
  }

  /// The document in a UTF-8 or UTF-16 text, with or without a byte order mark; nil if it is empty.
  ///
  /// - Throws: `YAMLProblem`, also for a second document and for duplicate keys.
  package static func read(_ bytes: [UInt8]) throws(YAMLProblem) -> YAMLNode? {
    let (documents, problem) = parse(bytes, several: false)
    if let problem { throw problem }
    return documents.first
  }

  /// The non-empty documents in a text, up to a syntax error.
  static func documents(_ bytes: [UInt8]) -> [YAMLNode] {
    parse(bytes, several: true).documents.filter { $0.content != .scalar(.null) }
  }

  private static func parse(_ bytes: [UInt8], several: Bool) -> (documents: [YAMLNode], problem: YAMLProblem?) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    defer { parser.deallocate() }
    guard yaml_parser_initialize(parser) == 1 else {
      return (
        [], YAMLProblem(cause: .syntax, mark: YAMLMark(line: 1, column: 1), message: "no memory left to read it")
      )
    }
    defer { yaml_parser_delete(parser) }
    var (documents, problem) = ([YAMLNode](), YAMLProblem?.none)
    bytes.withUnsafeBufferPointer { buffer in
      yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
      var reader = YAMLReader(parser, buffer)
      do throws(YAMLProblem) { try reader.stream(several: several, into: &documents) } catch { problem = error }
    }
    return (documents, problem)
  }

  // MARK: Events

  private enum Event {
    case scalar(text: String, tag: String?, isPlain: Bool, anchor: String?)
    case alias(String)
    case listStart(tag: String?, anchor: String?)
    case mapStart(tag: String?, anchor: String?)
    case listEnd, mapEnd
    case documentStart, documentEnd, streamEnd, other
  }

  private func next() throws(YAMLProblem) -> (event: Event, mark: YAMLMark) {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { yaml_event_delete(&event) }
    let mark = Self.mark(event.start_mark)
    let data = event.data
    func text(_ pointer: UnsafePointer<yaml_char_t>?) -> String? { pointer.map { String(cString: $0) } }
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = data.scalar
      let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return (
        .scalar(
          text: String(decoding: bytes, as: UTF8.self), tag: text(scalar.tag),
          isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE, anchor: text(scalar.anchor)), mark
      )
    case YAML_ALIAS_EVENT: return (.alias(text(data.alias.anchor) ?? ""), mark)
    case YAML_SEQUENCE_START_EVENT:
      return (.listStart(tag: text(data.sequence_start.tag), anchor: text(data.sequence_start.anchor)), mark)
    case YAML_MAPPING_START_EVENT:
      return (.mapStart(tag: text(data.mapping_start.tag), anchor: text(data.mapping_start.anchor)), mark)
    case YAML_SEQUENCE_END_EVENT: return (.listEnd, mark)
    case YAML_MAPPING_END_EVENT: return (.mapEnd, mark)
    case YAML_DOCUMENT_START_EVENT: return (.documentStart, mark)
    case YAML_DOCUMENT_END_EVENT: return (.documentEnd, mark)
    case YAML_STREAM_END_EVENT: return (.streamEnd, mark)
    default: return (.other, mark)
    }
  }

  private static func mark(_ mark: yaml_mark_t) -> YAMLMark {
    YAMLMark(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private func problem() -> YAMLProblem {
    let details = parser.pointee
    let what = details.problem.map { String(cString: $0) } ?? "it cannot be read"
    guard details.error != YAML_READER_ERROR else {
      // The reader is ahead of the parser, and only knows the byte offset.
      return YAMLProblem(cause: .encoding, mark: mark(ofByte: Int(details.problem_offset)), message: what)
    }
    var problem = YAMLProblem(cause: .syntax, mark: Self.mark(details.problem_mark), message: what)
    if let context = details.context.map({ String(cString: $0) }) {
      let start = Self.mark(details.context_mark)
      problem.message = "\(what) \(context)"
      if start.line != problem.mark.line {
        problem.message += " that starts in line"
        problem.relatedLine = start.line
      }
    }
    return problem
  }

  /// The start of the character that contains a byte, according to the UTF-8 before it.
  private func characterStart(_ at: Int) -> Int {
    for start in stride(from: at - 1, through: max(0, at - 3), by: -1) where bytes[start] >= 0xC0 {
      let length = bytes[start] >= 0xF0 ? 4 : bytes[start] >= 0xE0 ? 3 : 2
      return start + length > at ? start : at
    }
    return at
  }

  /// The position of a byte in the text.
  private func mark(ofByte offset: Int) -> YAMLMark {
    let offset = min(max(0, offset), bytes.count)
    let isLittle = bytes.starts(with: [0xFF, 0xFE])
    guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else {
      let before = bytes[..<characterStart(offset)]
      let line = before.lastIndex(of: 0x0A).map { before[($0 + 1)...] } ?? before
      let text = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
      // All bytes except those that continue a character.
      return YAMLMark(
        line: before.count { $0 == 0x0A } + 1, column: text.count { $0 & 0xC0 != 0x80 } + 1)
    }
    let before = bytes[..<offset]
    var (line, column) = (1, 1)
    for at in stride(from: 2, to: before.count - 1, by: 2) {
      let unit = isLittle ? (before[at + 1], before[at]) : (before[at], before[at + 1])
      if unit == (0, 0x0A) { (line, column) = (line + 1, 1) } else { column += 1 }
    }
    return YAMLMark(line: line, column: column)
  }

  // MARK: Nodes

  private mutating func stream(several: Bool, into documents: inout [YAMLNode]) throws(YAMLProblem) {
    while true {
      let (event, mark) = try next()
      switch event {
      case .streamEnd: return
      case .documentStart:
        (anchors, open) = ([:], [])
        let (first, place) = try next()
        let node = try self.node(first, place, depth: 0)
        // A trailing `---` starts an empty document.
        guard several || documents.isEmpty || node.content == .scalar(.null) else {
          throw YAMLProblem(
            cause: .secondDocument, mark: mark, message: "a second document starts here; a values file has one")
        }
        if several || documents.isEmpty { documents.append(node) }
      default: continue
      }
    }
  }

  private func refused(_ mark: YAMLMark, _ message: String, withoutText: String? = nil) -> YAMLProblem {
    YAMLProblem(cause: .refused, mark: mark, message: message, withoutText: withoutText)
  }

  private mutating func node(_ event: Event, _ mark: YAMLMark, depth: Int) throws(YAMLProblem) -> YAMLNode {
    guard depth < Self.depthLimit else { throw refused(mark, "nested more than \(Self.depthLimit) levels deep") }
    var node: YAMLNode
    let name: String?
    switch event {
    case .alias(let name):
      guard let target = anchors[name] else {
        throw refused(
          mark,
          open.contains(name)
            ? "the alias *\(name) is inside of what it refers to"
            : "the alias *\(name) has no anchor &\(name) before it",
          withoutText: open.contains(name)
            ? "an alias is inside of what it refers to" : "an alias has no anchor before it")
      }
      try count(target.size, mark)
      // Readers look for it where it is used.
      return YAMLNode(content: target.content, mark: mark, size: target.size)
    case .scalar(let text, let tag, let isPlain, let anchor):
      guard let value = YAMLScalar.value(text, tag: tag, isPlain: isPlain) else {
        throw refused(mark, "the tag \(tag ?? "") cannot be used here", withoutText: "a tag cannot be used here")
      }
      try count(1, mark)
      node = YAMLNode(content: .scalar(value), mark: mark)
      name = anchor
    case .listStart(let tag, let anchor):
      try check(tag, is: "seq", mark)
      try count(1, mark)
      if let anchor { open.insert(anchor) }
      var items: [YAMLNode] = []
      while true {
        let (event, mark) = try next()
        if case .listEnd = event { break }
        items.append(try self.node(event, mark, depth: depth + 1))
      }
      node = YAMLNode(content: .list(items), mark: mark, size: items.reduce(1) { $0 + $1.size })
      name = anchor
    case .mapStart(let tag, let anchor):
      try check(tag, is: "map", mark)
      try count(1, mark)
      if let anchor { open.insert(anchor) }
      let members = try self.members(depth)
      node = YAMLNode(content: .map(members), mark: mark, size: members.reduce(1) { $0 + $1.value.size })
      name = anchor
    default: throw refused(mark, "a value is missing")
    }
    if let name {
      open.remove(name)
      anchors[name] = node
    }
    return node
  }

  private mutating func count(_ more: Int, _ mark: YAMLMark) throws(YAMLProblem) {
    nodes += more
    guard nodes <= Self.limit else { throw refused(mark, "too large: more than \(Self.limit) values with its aliases") }
  }

  private func check(_ tag: String?, is name: String, _ mark: YAMLMark) throws(YAMLProblem) {
    guard let tag, tag != "!", tag != YAMLScalar.prefix + name else { return }
    throw refused(mark, "the tag \(tag) cannot be used here", withoutText: "a tag cannot be used here")
  }

  private mutating func members(_ depth: Int) throws(YAMLProblem) -> [YAMLMember] {
    var members: [YAMLMember] = []
    var places: [String: YAMLMark] = [:]
    var merged: [YAMLNode] = []
    while true {
      let (event, mark) = try next()
      if case .mapEnd = event { break }
      let isMerge: Bool
      if case .scalar("<<", let tag, true, _) = event, tag == nil || tag == YAMLScalar.prefix + "merge" {
        isMerge = true
      } else {
        isMerge = false
      }
      let key: String
      if isMerge {
        key = "<<"
      } else {
        guard let text = YAMLScalar.key(try node(event, mark, depth: depth + 1)) else {
          throw refused(mark, "a key must be a string")
        }
        key = text
      }
      // A quoted key is not a merge key.
      let place = isMerge ? "<<" : "=" + key
      if let first = places[place] {
        var problem = refused(
          mark, "the key \(key) occurs twice, first in line", withoutText: "a key occurs twice, first in line")
        problem.relatedLine = first.line
        throw problem
      }
      places[place] = mark
      let (valueEvent, valueMark) = try next()
      let value = try node(valueEvent, valueMark, depth: depth + 1)
      if isMerge {
        merged += try sources(value)
      } else {
        members.append(YAMLMember(key: key, mark: mark, value: value))
      }
    }
    // Explicit keys override merged ones, and an earlier mapping overrides a later one.
    for source in merged {
      for member in source.members ?? [] where places["=" + member.key] == nil {
        places["=" + member.key] = member.mark
        members.append(member)
      }
    }
    return members
  }

  /// The mappings to merge for `<<`: a single one or a list.
  private func sources(_ node: YAMLNode) throws(YAMLProblem) -> [YAMLNode] {
    switch node.content {
    case .map: return [node]
    case .list(let items):
      for item in items where item.members == nil { throw refused(item.mark, "<< merges mappings alone") }
      return items
    case .scalar: throw refused(node.mark, "<< merges mappings alone")
    }
  }
}
