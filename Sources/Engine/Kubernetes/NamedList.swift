/// Elements in order of their names, found and changed by name without touching the others.
package struct NamedList<Element: Sendable>: Sendable {
  package private(set) var elements: [Element] = []
  private let name: @Sendable (Element) -> String

  package init(_ name: @escaping @Sendable (Element) -> String) { self.name = name }

  /// Where a name is, or where it would be.
  private func place(_ wanted: String) -> (index: Int, isThere: Bool) {
    var low = 0
    var high = elements.count
    while low < high {
      let middle = (low + high) / 2
      if name(elements[middle]) < wanted { low = middle + 1 } else { high = middle }
    }
    return (low, low < elements.count && name(elements[low]) == wanted)
  }

  package subscript(wanted: String) -> Element? {
    let (index, isThere) = place(wanted)
    return isThere ? elements[index] : nil
  }

  package mutating func put(_ element: Element) {
    let (index, isThere) = place(name(element))
    if isThere { elements[index] = element } else { elements.insert(element, at: index) }
  }

  /// - Returns: whether it was there.
  @discardableResult
  package mutating func remove(_ wanted: String) -> Bool {
    let (index, isThere) = place(wanted)
    if isThere { elements.remove(at: index) }
    return isThere
  }
}
