import Foundation

/// A measured value.
struct Figure {
  /// The name, which is the same in every run.
  var name: String
  var value: Double
  var unit: String
  /// The upper limit, if there is one.
  var limit: Double?
}

/// The figures of a run, printed as a table and saved as lines of a file.
struct Report {
  private(set) var figures: [Figure] = []
  /// The values of an earlier run by name.
  let base: [String: Double]

  init(base: String?) throws {
    guard let base else {
      self.base = [:]
      return
    }
    let lines = try String(contentsOfFile: base, encoding: .utf8).split(separator: "\n")
    let pairs = lines.compactMap { line -> (String, Double)? in
      let cells = line.split(separator: "\t")
      guard cells.count >= 2, let value = Double(cells[1]) else { return nil }
      return (String(cells[0]), value)
    }
    self.base = Dictionary(pairs, uniquingKeysWith: { _, last in last })
  }

  mutating func add(_ name: String, _ value: Double, _ unit: String, limit: Double? = nil) {
    let figure = Figure(name: name, value: value, unit: unit, limit: limit)
    figures.append(figure)
    Self.say(line(figure))
  }

  func heading(_ text: String) {
    Self.say("\n\(text)")
  }

  /// Only an increase of more than a fifth and more than the resolution of a clock counts: smaller differences occur
  /// between runs.
  private func isWorse(_ figure: Figure, than former: Double) -> Bool {
    figure.value > former * 1.2 && figure.value - former > 0.01
  }

  private func line(_ figure: Figure) -> String {
    var line = "  " + figure.name.padding(toLength: max(58, figure.name.count), withPad: " ", startingAt: 0)
    line +=
      Self.text(figure.value).leftPadded(to: 10) + " " + figure.unit.padding(toLength: 8, withPad: " ", startingAt: 0)
    if let limit = figure.limit {
      line += ("≤ " + Self.text(limit)).leftPadded(to: 9) + (figure.value <= limit ? "  ok" : "  OVER")
    } else {
      line += String(repeating: " ", count: 13)
    }
    if let former = base[figure.name] {
      line += "   before \(Self.text(former))" + (isWorse(figure, than: former) ? "  WORSE" : "")
    }
    return line
  }

  /// - Returns: whether all figures are within their limits and none is worse than before.
  func summary() -> Bool {
    let over = figures.filter { figure in figure.limit.map { figure.value > $0 } ?? false }
    let worse = figures.filter { figure in base[figure.name].map { isWorse(figure, than: $0) } ?? false }
    Self.say("\n\(figures.count) figures, \(over.count) over their limit, \(worse.count) worse than before.")
    return over.isEmpty && worse.isEmpty
  }

  func save(to path: String) throws {
    let text = figures.map { "\($0.name)\t\($0.value)\t\($0.unit)\t\($0.limit.map { "\($0)" } ?? "")\n" }.joined()
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// Unlike `print`, without buffering.
  static func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  static func text(_ value: Double) -> String {
    switch abs(value) {
    case 1000...: String(format: "%.0f", value)
    case 10...: String(format: "%.1f", value)
    case 0.1...: String(format: "%.2f", value)
    default: value == 0 ? "0" : String(format: "%.4f", value)
    }
  }
}

extension String {
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
