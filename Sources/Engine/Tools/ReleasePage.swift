import Basics

/// The releases of deskrun on GitHub, read with curl and without credentials.
package struct ReleasePage: Sendable {
  let program: Program
  /// `OWNER/NAME`.
  package let repository: String

  /// The page for downloads.
  package var url: String { "https://github.com/\(repository)/releases/latest" }

  /// The version of the newest release that is neither a draft nor a prerelease, as in its tag without the `v`.
  ///
  /// Uses the redirect of the newest release's page, not the API, whose limit of 60 requests per hour is shared by
  /// everybody behind the same IP address.
  ///
  /// - Throws: `EngineError` of kind `unreachable` if GitHub does not respond, `notFound` if it has no release.
  package func newestVersion() async throws -> String {
    let result = try await program.attempt(
      ["-sS", "--proto", "=https", "--max-time", "20", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", url],
      timeout: .seconds(30))
    guard result.exit.isSuccess else {
      throw EngineError(
        .unreachable, "github.com does not answer", why: ToolFailure.lastLine(result, of: .curl),
        fix: "Check the network, or look at \(url) in a browser")
    }
    guard let version = Self.version(inAnswer: result.outputText) else {
      throw EngineError(
        .notFound, "No release of \(repository) found", why: "\(url) answered \(SafeText.line(result.outputText))")
    }
    return version
  }

  /// The version in `302 https://github.com/OWNER/NAME/releases/tag/v1.2.3`; nil if it does not name a release.
  static func version(inAnswer answer: String) -> String? {
    let words = answer.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, words[0].hasPrefix("30"), let tag = words[1].split(separator: "/").last,
      words[1].hasSuffix("/releases/tag/\(tag)")
    else { return nil }
    let version = tag.hasPrefix("v") ? tag.dropFirst() : tag
    return ReleaseVersion(version) == nil ? nil : String(version)
  }
}

/// A version with the precedence of semantic versioning: `1.2.3`, `1.3.0-beta.1`.
package struct ReleaseVersion: Sendable, Comparable {
  private let numbers: [Int]
  /// The part after the hyphen; empty for a release, which is newer than all of its prereleases.
  private let preview: [Substring]

  /// - Returns: nil if the text is not a version.
  package init?(_ text: some StringProtocol) {
    let core = text.prefix { $0 != "+" }
    let parts = core.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { Int(written: $0) }
    guard numbers.count == 3, numbers.allSatisfy({ $0 != nil }) else { return nil }
    self.numbers = numbers.compactMap { $0 }
    preview = parts.count == 2 ? String(parts[1]).split(separator: ".") : []
  }

  package static func < (one: Self, other: Self) -> Bool {
    guard one.numbers == other.numbers else { return one.numbers.lexicographicallyPrecedes(other.numbers) }
    guard !one.preview.isEmpty, !other.preview.isEmpty else { return !one.preview.isEmpty && other.preview.isEmpty }
    for (left, right) in zip(one.preview, other.preview) where left != right {
      switch (Int(written: left), Int(written: right)) {
      case (let left?, let right?): return left < right
      case (_?, nil): return true
      case (nil, _?): return false
      case (nil, nil): return left < right
      }
    }
    return one.preview.count < other.preview.count
  }
}
