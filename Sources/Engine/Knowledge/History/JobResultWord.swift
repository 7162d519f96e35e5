import ARC

extension JobResult {
  /// In text for people. Documents and the history keep GitHub's own spelling, `cancelled`.
  package var word: String { self == .cancelled ? "canceled" : rawValue }
}
