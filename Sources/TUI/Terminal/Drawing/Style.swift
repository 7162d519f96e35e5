/// A color of the terminal: its default, or one of its palette.
package struct Color: Hashable, Sendable {
  /// 0 is the terminal's default, n + 1 is color n of the palette.
  package let code: UInt16

  package static let standard = Color(code: 0)
  static let black = Color(0)
  static let red = Color(1)
  package static let green = Color(2)
  package static let yellow = Color(3)
  package static let blue = Color(4)
  package static let magenta = Color(5)
  package static let cyan = Color(6)
  static let white = Color(7)

  private init(code: UInt16) { self.code = code }
  /// A color of the palette, 0 to 255.
  package init(_ index: UInt8) { code = UInt16(index) + 1 }

  /// Its index in the palette, or nil for the default.
  package var index: UInt8? { code == 0 ? nil : UInt8(truncatingIfNeeded: code - 1) }

  /// The nearest of the 240 fixed colors of a palette of 256.
  package init(red: UInt8, green: UInt8, blue: UInt8) {
    let steps: [Int] = [0, 95, 135, 175, 215, 255]
    func nearest(_ value: UInt8) -> Int {
      steps.indices.min { abs(steps[$0] - Int(value)) < abs(steps[$1] - Int(value)) } ?? 0
    }
    func distance(_ r: Int, _ g: Int, _ b: Int) -> Int {
      let (dr, dg, db) = (r - Int(red), g - Int(green), b - Int(blue))
      return dr * dr + dg * dg + db * db
    }
    let (r, g, b) = (nearest(red), nearest(green), nearest(blue))
    let mean = (Int(red) + Int(green) + Int(blue)) / 3
    let gray = max(0, min(23, (mean - 3) / 10))
    let level = 8 + 10 * gray
    let isGray = distance(level, level, level) < distance(steps[r], steps[g], steps[b])
    self.init(UInt8(isGray ? 232 + gray : 16 + 36 * r + 6 * g + b))
  }
}

/// The style of a cell.
package struct Style: Hashable, Sendable {
  package struct Attributes: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let bold = Attributes(rawValue: 1)
    package static let dim = Attributes(rawValue: 2)
    static let italic = Attributes(rawValue: 4)
    package static let underline = Attributes(rawValue: 8)
    package static let reverse = Attributes(rawValue: 16)
  }

  var foreground = Color.standard
  package var background = Color.standard
  package var attributes: Attributes = []

  package static let plain = Style()

  package init(_ foreground: Color = .standard, on background: Color = .standard, _ attributes: Attributes = []) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }

  /// The style with additional attributes.
  package func with(_ more: Attributes) -> Style {
    var copy = self
    copy.attributes.formUnion(more)
    return copy
  }
}

/// A part of a line in one style.
package struct Span: Equatable, Sendable {
  package var text: String
  package var style: Style

  package init(_ text: String, _ style: Style = .plain) {
    self.text = text
    self.style = style
  }
}
