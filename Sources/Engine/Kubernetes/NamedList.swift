/// Elements sorted by name, which are found and changed by key without copying the others.
package struct NamedList<Element: Sendable>: Sendable {
  package private(set) var elements: [Element] = []
  private let key: @Sendable (Element) -> ObjectKey

  package init(_ key: @escaping @Sendable (Element) -> ObjectKey) { self.key = key }

  /// The index of a key, or where to insert it.
  private func place(_ wanted: ObjectKey) -> (index: Int, isThere: Bool) {
    var low = 0
    var high = elements.count
    while low < high {
      let middle = (low + high) / 2
      if key(elements[middle]) < wanted { low = middle + 1 } else { high = middle }
    }
    return (low, low < elements.count && key(elements[low]) == wanted)
  }

  package subscript(wanted: ObjectKey) -> Element? {
    let (index, isThere) = place(wanted)
    return isThere ? elements[index] : nil
  }

  package mutating func put(_ element: Element) {
    let (index, isThere) = place(key(element))
    if isThere { elements[index] = element } else { elements.insert(element, at: index) }
  }

  /// - Returns: whether the element existed.
  @discardableResult
  package mutating func remove(_ wanted: ObjectKey) -> Bool {
    let (index, isThere) = place(wanted)
    if isThere { elements.remove(at: index) }
    return isThere
  }
}
