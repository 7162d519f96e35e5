extension UInt8 {
  /// Whether it is an ASCII letter or digit. `Character.isLetter` also takes letters of other scripts, which no name of
  /// GitHub, Kubernetes or the environment may have.
  package var isASCIILetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
