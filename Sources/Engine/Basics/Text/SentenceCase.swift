/// The first letter of a sentence.
package enum SentenceCase {
  /// The text with its first letter as a capital.
  package static func upper(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
  /// The text with its first letter lowercase.
  package static func lower(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
}
