import Foundation

/// One number that was measured.
struct Figure {
  /// What was measured; the same from run to run.
  var name: String
  var value: Double
  var unit: String
  /// What it may be at most, when that is settled.
  var limit: Double?
}

/// The numbers of a run, as a table on standard output and as lines in a file.
struct Report {
  private(set) var figures: [Figure] = []
  /// Names and values of a former run.
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

  /// A figure grows worse by a fifth and by more than the grain of a clock before it counts: below that, machines differ
  /// from run to run.
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

  /// - Returns: whether all is within its limit and nothing is worse than before.
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

  /// Unlike `print`, at once.
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
