/// Reproducible random numbers, determined by words: they decide what happens in the demo.
struct DemoRandom {
  private var state: UInt64

  /// A separate sequence for each seed and subject.
  init(_ seed: UInt64, _ words: String...) { self.init(seed, words) }

  init(_ seed: UInt64, _ words: [String]) {
    // FNV-1a over the words.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
    for word in words {
      for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
    }
    state = hash
  }

  /// The next number (splitmix64, S. Vigna).
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From 0 up to, but not including, 1.
  mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }

  /// A number between two bounds.
  mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * fraction() }

  /// One of the items.
  mutating func pick<T>(_ items: [T]) -> T { items[Int(next() % UInt64(items.count))] }

  /// Letters and digits as in Kubernetes' generated names.
  mutating func suffix(_ count: Int = 5) -> String {
    let letters = Self.letters
    return String(
      decoding: (0..<count).map { _ in letters[Int(next() % UInt64(letters.count))] }, as: UTF8.self)
  }

  private static let letters = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
  private static let hexadecimal = Array("0123456789abcdef".utf8)

  /// Hexadecimal digits in the form of a UUID.
  mutating func uuid() -> String {
    // Version 4, and the variant that belongs to it.
    let high = next() & ~0xF000 | 0x4000
    let low = next() & ~(0xF << 60) | 0xA << 60
    let digits = Self.hexadecimal
    return String(unsafeUninitializedCapacity: 36) { bytes in
      var place = 0
      for digit in 0..<32 {
        if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
          bytes[place] = UInt8(ascii: "-")
          place += 1
        }
        let half = digit < 16 ? high : low
        bytes[place] = digits[Int(half >> UInt64(60 - digit % 16 * 4) & 0xF)]
        place += 1
      }
      return place
    }
  }
}
