import Testing

@testable import ARC

@Suite struct ChangePaceTests {
  @Test func `changes that come alone are told at once however many runners there are`() {
    var pace = ChangePace()
    for _ in 0..<20 { #expect(pace.pause(after: .milliseconds(120), runners: 5000) == .milliseconds(50)) }
  }

  @Test func `few runners are looked at as often as a screen shows them`() {
    var pace = ChangePace()
    for _ in 0..<20 { #expect(pace.pause(after: .zero, runners: 200) == .milliseconds(50)) }
  }

  @Test func `thousands of runners that change all the time are looked at four times a second, until it is quiet`() {
    var pace = ChangePace()
    #expect(pace.pause(after: .seconds(1), runners: 5000) == .milliseconds(50))
    let waits = (0..<5).map { _ in pace.pause(after: .microseconds(200), runners: 5000) }
    #expect(waits == [.milliseconds(100), .milliseconds(200)] + Array(repeating: .milliseconds(250), count: 3))
    #expect(pace.pause(after: .milliseconds(30), runners: 5000) == .milliseconds(50))
  }
}
