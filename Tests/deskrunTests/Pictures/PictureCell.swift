/// The measures of a picture, in pixels.
///
/// The usual fonts for terminals are 0.6 of their size wide; `textLength` holds those that are not.
enum PictureCell {
  static let width = 8.4
  static let height = 18.0
  static let fontSize = 14.0
  /// From the top of a cell to the line that letters stand on.
  static let baseline = 13.5
  /// Around the screen.
  static let margin = 10.0

  /// A number as short as it can be written: at most one decimal.
  static func text(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
  }
}
