import Basics

/// The private key of a GitHub App: checked, and repaired where a shell or an editor mangled it.
package enum PrivateKey {
  private static let source = "GitHub → Settings → Developer settings → GitHub Apps → your app → Private keys"

  /// The key as clean PEM text: lines of 64 characters that end with `\n`, including the last.
  ///
  /// - Throws: `EngineError` of kind `invalid`, never containing a part of the key.
  package static func checked(_ secret: Secret) throws(EngineError) -> Secret {
    var text = secret.reveal().replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    // Line ends escaped on a single line, as in environment files and JSON.
    text = text.replacing("\\r", with: "\n").replacing("\\n", with: "\n")
    // Encoded in Base64 as a whole, as CI secrets often are.
    if !text.contains("-----"), let bytes = Base64.decode(text.filter { !$0.isWhitespace }),
      bytes.starts(with: "-----BEGIN ".utf8)
    {
      text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
      do { return try checked(pem: text) } catch {
        throw EngineError(
          error.kind, error.what,
          why: (error.why.map { "\($0); " } ?? "") + "the text is base64 of a key and was decoded",
          fix: error.fix)
      }
    }
    return try checked(pem: text)
  }

  private static func checked(pem text: String) throws(EngineError) -> Secret {
    let (label, body) = try parts(of: text.trimmingSpaces)
    try check(label: label)
    guard !body.contains("Proc-Type:") else { throw refusal("it is encrypted with a passphrase") }
    let base64 = body.filter { !$0.isWhitespace }
    try check(base64)
    var lines = ["-----BEGIN \(label)-----"]
    var rest = base64[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(64)))
      rest = rest.dropFirst(64)
    }
    lines.append("-----END \(label)-----")
    return Secret(lines.joined(separator: "\n") + "\n")
  }

  private static func parts(of text: String) throws(EngineError) -> (label: String, body: String) {
    if text.hasPrefix("gh"), text.contains("_"), !text.contains("-----") {
      throw EngineError(
        .invalid, "This is a token, not the private key of a GitHub App", fix: "Use --auth-type pat for a token")
    }
    guard let begin = text.firstRange(of: "-----BEGIN "), let close = text[begin.upperBound...].firstRange(of: "-----")
    else {
      throw EngineError(
        .invalid, "The private key has no line -----BEGIN … PRIVATE KEY-----",
        fix: "Give the whole .pem file: --auth-value @app.private-key.pem (create one at \(source))")
    }
    let label = String(text[begin.upperBound..<close.lowerBound])
    guard let end = text[close.upperBound...].firstRange(of: "-----END \(label)-----") else {
      throw EngineError(
        .invalid, "The private key has no line -----END \(SafeText.line(label))-----, so a part of it is missing",
        fix: "Give the whole .pem file: --auth-value @app.private-key.pem")
    }
    return (label, String(text[close.upperBound..<end.lowerBound]))
  }

  private static func check(label: String) throws(EngineError) {
    let reason: String? =
      switch label {
      case "RSA PRIVATE KEY", "PRIVATE KEY": nil
      case "ENCRYPTED PRIVATE KEY": "it is encrypted with a passphrase"
      case "PUBLIC KEY", "RSA PUBLIC KEY": "it is the package half"
      case "CERTIFICATE": "it is a certificate"
      case "OPENSSH PRIVATE KEY": "it is a key for ssh"
      case "EC PRIVATE KEY": "it is an elliptic-curve key, and GitHub Apps have RSA keys"
      default: "it is of another kind"
      }
    if let reason { throw refusal(reason) }
  }

  private static func refusal(_ why: String) -> EngineError {
    EngineError(
      .invalid, "The key is not the private key of a GitHub App", why: why, fix: "Create one at \(source)")
  }

  private static func check(_ base64: String) throws(EngineError) {
    let damaged = EngineError(
      .invalid, "The private key is damaged between its first and last line",
      why: "its text does not decode to an RSA key",
      fix: "Give the .pem file as GitHub made it: --auth-value @app.private-key.pem")
    guard let bytes = Base64.decode(base64), bytes.count > 100 else { throw damaged }
    // An RSA key is a DER sequence with a two-byte length that matches exactly.
    guard bytes[0] == 0x30, bytes[1] == 0x82, Int(bytes[2]) << 8 + Int(bytes[3]) + 4 == bytes.count else {
      throw damaged
    }
  }
}
