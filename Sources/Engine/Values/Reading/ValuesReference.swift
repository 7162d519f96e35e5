import Basics

/// A values file as specified: `FILE`, or `FILE#spec.values` for a part of a larger document.
package struct ValuesReference: Sendable, Equatable {
  /// The path of the file.
  package var path: String
  /// The keys of the part, as written; nil for the whole document.
  package var part: String?

  /// Parses `FILE` or `FILE#PART`. File names may contain `#`: only the last one counts, and only if keys follow.
  package init(_ text: String) {
    guard let hash = text.lastIndex(of: "#"), hash != text.startIndex else {
      (path, part) = (text, nil)
      return
    }
    let part = text[text.index(after: hash)...]
    guard !part.isEmpty, !part.contains("/") else {
      (path, self.part) = (text, nil)
      return
    }
    (path, self.part) = (String(text[..<hash]), String(part))
  }

  /// The reference in the syntax of the configuration and the command line.
  package var text: String { part.map { "\(path)#\($0)" } ?? path }

  /// The individual keys: `spec.values`, `spec.sources[0].helm.values`; keys that contain dots are quoted.
  var keys: [String] {
    var keys: [String] = []
    var key = ""
    var isQuoted = false
    for character in part ?? "" {
      switch character {
      case "\"": isQuoted.toggle()
      case ".", "[", "]":
        guard !isQuoted else {
          key.append(character)
          continue
        }
        if !key.isEmpty { keys.append(key) }
        key = ""
      default: key.append(character)
      }
    }
    return key.isEmpty ? keys : keys + [key]
  }
}
