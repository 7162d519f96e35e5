/// The dimensions of a picture, in pixels.
///
/// The usual terminal fonts are 0.6 of their size wide; `textLength` adjusts those that are not.
enum PictureCell {
  static let width = 8.4
  static let height = 18.0
  static let fontSize = 14.0
  /// The distance from the top of a cell to the baseline.
  static let baseline = 13.5
  /// The margin around the screen.
  static let margin = 10.0

  /// The number in its shortest form, with at most one decimal.
  static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
  }
}
