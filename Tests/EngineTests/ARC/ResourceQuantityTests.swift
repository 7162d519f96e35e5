import Testing

@testable import ARC

@Suite struct ResourceQuantityTests {
  @Test(arguments: [
    ("1Gi", "2Gi"), ("1G", "1Gi"), ("500m", "1"), ("1023Mi", "1Gi"), ("0.2", "300m"), ("2k", "1e6"), ("1G", "1E"),
  ]) func `one is less than another`(less: String, more: String) throws {
    let (small, large) = (try #require(ResourceQuantity(less)), try #require(ResourceQuantity(more)))
    #expect(small.isLess(than: large))
    #expect(!large.isLess(than: small))
  }

  @Test(arguments: [("1Gi", "1024Mi"), ("0.3", "300m"), ("1e3", "1k"), ("0.1", "100m"), ("2", "2000m")])
  func `the same in other units is not less`(a: String, b: String) throws {
    let (one, other) = (try #require(ResourceQuantity(a)), try #require(ResourceQuantity(b)))
    #expect(!one.isLess(than: other) && !other.isLess(than: one))
  }

  @Test(arguments: ["", "Gi", "4 GB", "-1", "1.2.3", "nan", "1X"]) func `others are none`(text: String) {
    #expect(ResourceQuantity(text) == nil)
  }
}
