import ARC

extension JobResult {
  /// For text. JSON and the history keep GitHub's spelling, `cancelled`.
  package var word: String { self == .cancelled ? "canceled" : rawValue }
}
