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
    let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    return String((0..<count).map { _ in letters[Int(next() % UInt64(letters.count))] })
  }

  /// Hexadecimal digits in the form of a UUID.
  mutating func uuid() -> String {
    func hex(_ value: UInt64, _ digits: Int) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: max(0, digits - text.count)) + text.suffix(digits)
    }
    let (a, b) = (next(), next())
    return
      "\(hex(a >> 32, 8))-\(hex(a >> 16 & 0xFFFF, 4))-4\(hex(a & 0xFFF, 3))-a\(hex(b >> 48 & 0xFFF, 3))-\(hex(b & 0xFFFF_FFFF_FFFF, 12))"
  }
}
