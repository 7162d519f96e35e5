import Basics

/// A file with CA certificates, as passed to `--ca`.
package enum CertificateFile {
  /// The maximum file size in bytes: a ConfigMap is limited to 1 MiB.
  private static let limit = 900 << 10

  /// Validates a path for the configuration.
  ///
  /// - Throws: `EngineError` of kind `invalid`.
  static func path(_ text: String, _ option: String) throws(EngineError) -> String {
    guard text.hasPrefix("/"), SafeText.line(text) == text else {
      throw EngineError(
        .invalid, "\(option): \(SafeText.line(text)) is not an absolute path", fix: "Use a path from the root")
    }
    return text
  }

  /// Reads only the certificates of a file, in the PEM format that ARC and the runner expect.
  ///
  /// - Throws: `EngineError` of kind `invalid` if it cannot be read, contains no certificate, or contains a private
  ///   key.
  package static func read(_ path: String) throws(EngineError) -> String {
    let shown = SafeText.line(path)
    let bytes: [UInt8]
    do throws(FileIO.Failure) {
      guard let found = try FileIO.read(path, limit: limit) else {
        throw FileIO.Failure(operation: "open", code: 2)
      }
      bytes = found
    } catch {
      throw EngineError(
        .invalid, "The file of CA certificates \(shown) cannot be read", why: error.reason,
        fix: "Check the path given with --ca, and who may read it")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard !text.contains("PRIVATE KEY-----") else {
      throw EngineError(
        .invalid, "The file \(shown) has a private key",
        why: "Its content would be in a ConfigMap, which many may read",
        fix: "Use a file with the certificates of the authority alone (--ca)")
    }
    var certificates: [Substring] = []
    var rest = text[...]
    while let start = rest.firstRange(of: begin) {
      guard let finish = rest[start.upperBound...].firstRange(of: end) else {
        throw invalid(shown, "certificate \(certificates.count + 1) does not end")
      }
      let body = rest[start.upperBound..<finish.lowerBound].filter { !$0.isWhitespace }
      // A DER certificate is a SEQUENCE, with 0x30 as its first byte.
      guard let der = Base64.decode(String(body)), der.first == 0x30, der.count > 64 else {
        throw invalid(shown, "certificate \(certificates.count + 1) is damaged")
      }
      certificates.append(rest[start.lowerBound..<finish.upperBound])
      rest = rest[finish.upperBound...]
    }
    guard !certificates.isEmpty else { throw invalid(shown, "it has no certificate in PEM form") }
    // Text around the certificates is not for others to read.
    return certificates.map { $0 + "\n" }.joined()
  }

  private static let begin = "-----BEGIN CERTIFICATE-----"
  private static let end = "-----END CERTIFICATE-----"

  private static func invalid(_ path: String, _ why: String) -> EngineError {
    EngineError(
      .invalid, "The file \(path) is not a file of CA certificates", why: why,
      fix: "Use certificates in PEM form. To convert one: openssl x509 -inform der -in ca.der -out ca.pem")
  }
}
