import Testing

@testable import Basics

@Suite struct SecretMaskTests {
  /// Does not look like a GitHub token, so only a known secret can be masked.
  static let secret = "q7Zx-Lk29/dVn+3sWe_Yt84mRpQa0BcD"

  @Test func `a secret that is known is masked in every form it is quoted in`() {
    SecretMask.remember(Secret(Self.secret))
    let forms = [
      Self.secret, PercentEncoding.escaped(Self.secret), String(Self.secret.prefix(20)), String(Self.secret.suffix(20)),
    ]
    for form in forms {
      let masked = SecretMask.masked("before \(form) after")
      #expect(masked == "before •••••• after", "\(form)")
    }
    for around in ["", "a", "ab", "user:", "x-access-token:", "{\"token\":\""] {
      let base64 = Base64.encode("\(around)\(Self.secret)\"}".utf8)
      let masked = SecretMask.masked("data: \(base64), more")
      #expect(masked.hasPrefix("data: ") && masked.hasSuffix(", more") && masked.contains("••••••"))
      // The rest belongs to the surrounding text.
      let left = masked.dropFirst(6).dropLast(6).split(separator: "•").map(String.init)
      #expect(left.allSatisfy { !$0.isEmpty && $0.count <= base64.count - 38 }, "\(left)")
      let urlSafe = base64.replacing("+", with: "-").replacing("/", with: "_")
      #expect(SecretMask.masked(urlSafe).contains("••••••"))
    }
    #expect(
      SecretMask.masked("a sentence about something else, long enough")
        == "a sentence about something else, long enough")
  }

  @Test func `a key is masked line by line`() {
    let body = (0..<4).map { "MIIEk\($0)Zt4qLw\($0)PvXy7Rb\($0)NcHd2Jm\($0)Gs5Tf8Ua\($0)Qe6Wo" }
    SecretMask.remember(
      Secret("-----BEGIN RSA PRIVATE KEY-----\n\(body.joined(separator: "\n"))\n-----END RSA PRIVATE KEY-----\n"))
    for line in body { #expect(SecretMask.masked("bad line: \(line)") == "bad line: ••••••") }
  }

  @Test(arguments: [
    ("ghs_" + String(repeating: "a1.-", count: 10) + " x", "ghs_… x"), ("ghs_abc.def", "ghs_….def"),
    ("gho_aB3 ghu_c ghr_d", "gho_… ghu_… ghr_…"),
    (
      "The private key has no line -----BEGIN … PRIVATE KEY-----",
      "The private key has no line -----BEGIN … PRIVATE KEY-----"
    ),
    ("-----BEGIN RSA PRIVATE KEY-----\nabc", "(a private key)"),
  ])
  func `values are masked and sentences are not`(text: String, shown: String) {
    #expect(SecretMask.masked(text) == shown)
  }
}
