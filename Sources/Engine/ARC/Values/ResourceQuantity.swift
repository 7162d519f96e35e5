import Basics

/// An amount of a resource as Kubernetes writes it: `500m`, `2`, `4Gi`, `1e3`.
package struct ResourceQuantity: Sendable, Equatable {
  /// In CPUs, bytes or whatever it is an amount of.
  private let value: Double

  private static let units: [Substring: Double] = [
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 0x1p10, "Mi": 0x1p20, "Gi": 0x1p30, "Ti": 0x1p40, "Pi": 0x1p50, "Ei": 0x1p60,
  ]

  /// Reads an amount; nil for what is none.
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

  /// Reads an amount of a JSON document, where it may be a number too.
  package init?(_ json: JSONValue?) {
    guard let json else { return nil }
    if let text = json.stringValue { self.init(text) } else { self.init(json.encoded()) }
  }

  /// Of several together.
  package static func + (a: ResourceQuantity, b: ResourceQuantity) -> ResourceQuantity {
    ResourceQuantity(value: a.value + b.value)
  }

  package static let none = ResourceQuantity(value: 0)

  private init(value: Double) { self.value = value }

  package var isNone: Bool { value == 0 }

  /// How many times another amount, which is not none, goes into it.
  package func holds(_ other: ResourceQuantity) -> Int { Int((value / other.value * (1 + 1e-9)).rounded(.down)) }

  /// What is left of it without another amount.
  package func less(_ other: ResourceQuantity) -> ResourceQuantity {
    ResourceQuantity(value: max(0, value - other.value))
  }

  /// As a number of CPUs: `2`, `500m`.
  package var cpuText: String {
    value.rounded() == value && value < 1e9 ? String(Int(value)) : "\(Int((min(value, 1e9) * 1000).rounded()))m"
  }

  /// As an amount of memory or storage: `4 GiB`.
  package var bytesText: String { BytesText.short(Int64(min(value, 1e18))) }

  /// Whether it is less than another one. `0.3` and `300m` are the same, whatever the last digit of their product is.
  package func isLess(than other: ResourceQuantity) -> Bool { value < other.value * (1 - 1e-9) }
}
