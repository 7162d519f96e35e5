import Foundation
import TestSupport
import Testing

@testable import Basics

@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func `the digests of the standard`(text: String, digest: String) {
    var whole = SHA256()
    whole.update(Array(text.utf8))
    #expect(whole.hexadecimal() == digest)
  }

  @Test func `pieces of any length give the digest of the whole`() throws {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let folder = try TemporaryFolder()
    for length in [55, 56, 63, 64, 65, 119, 120, 128, 300] {
      var whole = SHA256()
      whole.update(bytes[..<length])
      let expected = whole.hexadecimal()
      for piece in [1, 7, 64, 65] {
        var digest = SHA256()
        for start in stride(from: 0, to: length, by: piece) { digest.update(bytes[start..<min(length, start + piece)]) }
        #expect(digest.hexadecimal() == expected, "\(length) bytes in pieces of \(piece)")
      }
      let path = "\(folder.path)/file"
      try Data(bytes[..<length]).write(to: URL(fileURLWithPath: path))
      #expect(try SHA256.hexadecimal(ofFile: path) == expected)
    }
  }
}
