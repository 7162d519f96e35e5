import Testing

@testable import Basics

/// The character set depends on the installed locales, not on their names.
@Suite struct CharacterLocaleTests {
  private static func utf8(_ environment: [String: String], installed: [String: CharacterLocale.Answer]) -> String? {
    CharacterLocale.utf8(environment) { installed[$0] ?? .missing }
  }

  private static let usual: [String: CharacterLocale.Answer] = [
    "C": .other, "POSIX": .other, "C.UTF-8": .utf8, "en_US.UTF-8": .utf8, "de_DE": .other, "fr_FR": .utf8,
  ]

  @Test(
    arguments: [
      (["LANG": "en_US.UTF-8"], "en_US.UTF-8"), (["LANG": "de_DE.UTF-8"], "C.UTF-8"),
      (["LC_CTYPE": "UTF-8"], "C.UTF-8"),
      (["LANG": "de_DE.utf8"], "C.UTF-8"), (["LANG": "C"], nil), (["LC_ALL": "POSIX", "LANG": "en_US.UTF-8"], nil),
      ([:], nil), (["LC_ALL": "", "LC_CTYPE": "en_US.UTF-8"], "en_US.UTF-8"), (["LANG": "de_DE"], nil),
      (["LANG": "xx_YY"], nil), (["LANG": "fr_FR"], "fr_FR"), (["LC_ALL": "C", "LC_CTYPE": "UTF-8"], nil),
    ] as [([String: String], String?)])
  func `the first that is set decides, and one that is missing gives way`(
    environment: [String: String], locale: String?
  ) { #expect(Self.utf8(environment, installed: Self.usual) == locale) }

  @Test func `other names of the plain locale are tried`() {
    #expect(Self.utf8(["LANG": "de_DE.UTF-8"], installed: ["C.utf8": .utf8]) == "C.utf8")
    #expect(Self.utf8(["LANG": "de_DE.UTF-8"], installed: ["en_US.UTF-8": .utf8]) == "en_US.UTF-8")
    #expect(Self.utf8(["LANG": "de_DE.UTF-8"], installed: [:]) == nil)
  }

  @Test func `the system is asked`() {
    #expect(CharacterLocale.utf8(["LC_ALL": "C"]) == nil)
    #expect(CharacterLocale.utf8(["LANG": "no_such.charset"]) == nil)
  }
}
