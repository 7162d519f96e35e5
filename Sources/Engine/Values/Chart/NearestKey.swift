/// Suggests the key that was probably meant.
enum NearestKey {
  /// Common wrong words for keys.
  private static let synonyms = [
    "runnerScaleSetLabels": "scaleSetLabels", "runnerLabels": "scaleSetLabels", "runnerGroupName": "runnerGroup",
    "githubUrl": "githubConfigUrl", "githubToken": "githubConfigSecret", "replicas": "maxRunners",
  ]

  static func of(_ word: String, among names: some Collection<String>) -> String? {
    if let meant = synonyms[word], names.contains(meant) { return meant }
    let lowered = word.lowercased()
    let ranked = names.sorted().map { (name: $0, distance: distance(lowered, $0.lowercased())) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, best.name.count / 3) ? best.name : nil
  }

  /// The edit distance of two words.
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.unicodeScalars), Array(b.unicodeScalars))
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices { row.append(min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))) }
      last = row
    }
    return last[b.count]
  }
}
