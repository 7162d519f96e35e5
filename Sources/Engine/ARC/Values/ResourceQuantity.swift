import Basics

/// A Kubernetes resource quantity: `500m`, `2`, `4Gi`, `1e3`.
package struct ResourceQuantity: Sendable, Equatable {
  /// In the resource's base unit: CPUs, bytes or another.
  private let value: Double

  private static let units: [Substring: Double] = [
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
  ]

  /// Parses a quantity; nil if it is not valid.
  package init?(_ text: String) {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text[digits.endIndex...]
    guard digits.contains(where: \.isNumber), digits.utf8.count < 32 else { return nil }
    if let factor = Self.units[unit] {
      guard let number = Double(digits) else { return nil }
      value = number * factor
    } else if let first = unit.first, first == "e" || first == "E", let number = Double(text), number.isFinite {
      value = number
    } else {
      return nil
    }
  }

  /// Parses a quantity in a JSON document, which can also be a number.
  package init?(_ json: JSONValue?) {
    guard let json else { return nil }
    if let text = json.stringValue { self.init(text) } else { self.init(json.encoded()) }
  }

  package static func + (a: ResourceQuantity, b: ResourceQuantity) -> ResourceQuantity {
    ResourceQuantity(value: a.value + b.value)
  }

  package static let none = ResourceQuantity(value: 0)

  private init(value: Double) { self.value = value }

  package var isNone: Bool { value == 0 }

  /// How many times another quantity, which must not be zero, fits into this one.
  package func holds(_ other: ResourceQuantity) -> Int { Int((value / other.value * (1 + 1e-9)).rounded(.down)) }

  /// The rest after subtracting another quantity, at least zero.
  package func less(_ other: ResourceQuantity) -> ResourceQuantity {
    ResourceQuantity(value: max(0, value - other.value))
  }

  /// As number of CPUs: `2`, `500m`.
  package var cpuText: String {
    value.rounded() == value && value < 1e9 ? String(Int(value)) : "\(Int((min(value, 1e9) * 1000).rounded()))m"
  }

  /// As memory or storage size: `4 GiB`.
  package var bytesText: String { BytesText.short(Int64(min(value, 1e18))) }

  /// Whether it is less than another quantity. `0.3` and `300m` are equal, regardless of rounding errors.
  package func isLess(than other: ResourceQuantity) -> Bool { value < other.value * (1 - 1e-9) }
}
