/// Lines and blocks that a picture draws itself, because in some fonts theirs do not touch.
///
/// Coordinates are relative to a cell: from 0 to `PictureCell.width` horizontally, from 0 to `PictureCell.height`
/// downwards.
enum LineDrawing {
  /// A rectangle within a cell.
  struct Part: Hashable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double
  }

  /// The rectangles for a character; nil if the font draws it.
  static func parts(of character: Character) -> [Part]? {
    if let arms = arms[character] { return arms.isEmpty ? nil : arms.map(part) }
    guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return nil }
    let (width, height) = (PictureCell.width, PictureCell.height)
    switch scalar.value {
    case 0x2580: return [Part(x: 0, y: 0, width: width, height: height / 2)]
    case 0x2581...0x2588:
      let part = height * Double(scalar.value - 0x2580) / 8
      return [Part(x: 0, y: height - part, width: width, height: part)]
    case 0x2589...0x258F:
      return [Part(x: 0, y: 0, width: width * Double(0x2590 - scalar.value) / 8, height: height)]
    case 0x2590: return [Part(x: width / 2, y: 0, width: width / 2, height: height)]
    default: return nil
    }
  }

  private enum Arm {
    case left, right, up, down
  }

  private static let arms: [Character: [Arm]] = [
    "─": [.left, .right], "│": [.up, .down], "┌": [.right, .down], "┐": [.left, .down], "└": [.up, .right],
    "┘": [.up, .left], "├": [.up, .down, .right], "┤": [.up, .down, .left], "┬": [.left, .right, .down],
    "┴": [.left, .right, .up], "┼": [.left, .right, .up, .down], "╭": [.right, .down], "╮": [.left, .down],
    "╰": [.up, .right], "╯": [.up, .left],
  ]

  /// The rectangle from the center of the cell to its edge.
  private static func part(_ arm: Arm) -> Part {
    let thick = 1.2
    let (width, height) = (PictureCell.width, PictureCell.height)
    let (left, top) = ((width - thick) / 2, (height - thick) / 2)
    switch arm {
    case .left: return Part(x: 0, y: top, width: left + thick, height: thick)
    case .right: return Part(x: left, y: top, width: width - left, height: thick)
    case .up: return Part(x: left, y: 0, width: thick, height: top + thick)
    case .down: return Part(x: left, y: top, width: thick, height: height - top)
    }
  }
}
