import Basics

/// A values file as it is named: `FILE`, or `FILE#spec.values` for the part of a larger document.
package struct ValuesReference: Sendable, Equatable {
  /// The file's path.
  package var path: String
  /// The keys that lead to the part, as written; nil for the whole document.
  package var part: String?

  /// Reads `FILE` or `FILE#PART`. A file may have `#` in its name: the last one counts, and only before keys.
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

  /// As it is written in the configuration and on the command line.
  package var text: String { part.map { "\(path)#\($0)" } ?? path }

  /// The keys one by one: `spec.values`, `spec.sources[0].helm.values`, and a key with points in quotes.
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
