/// Reproducible random numbers.
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func below(_ limit: Int) -> Int { limit <= 0 ? 0 : Int(next() % UInt64(limit)) }

  mutating func pick<T>(_ all: [T]) -> T { all[below(all.count)] }

  private static let characters: [Character] = [
    "a", "b", "Z", "0", " ", "-", "/", "é", "作", "者", "👍", "…", "e\u{301}", "🇩🇪", "👨‍👩‍👧", "⚠️", "한", "▌", "ｗ",
  ]

  mutating func text(length: Int) -> String { String((0..<length).map { _ in pick(Self.characters) }) }
}
