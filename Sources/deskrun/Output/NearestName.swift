/// Suggests the name that was probably meant.
package enum NearestName {
  /// The nearest name, or nil if none is near enough to suggest.
  package static func of(_ word: String, among names: [String]) -> String? {
    let word = word.lowercased()
    // Any two short options are near each other.
    guard word.count > 2 || !word.hasPrefix("-") else { return nil }
    // A prefix matches, however much is missing.
    let begun = names.filter { $0.hasPrefix(word) && word.count > 1 }
    if let begun = begun.min(by: { ($0.count, $0) < ($1.count, $1) }) { return begun }
    let ranked = names.sorted().map { (name: $0, distance: distance(word, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, best.name.count / 3) ? best.name : nil
  }

  /// The edit distance of two words, counting a swap of adjacent letters as one edit (optimal string alignment).
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
    var older = [Int]()
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
        row.append(best)
      }
      older = last
      last = row
    }
    return last[b.count]
  }
}
