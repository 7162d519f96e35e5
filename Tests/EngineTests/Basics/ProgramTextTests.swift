import Basics
import Testing

@Suite struct ProgramTextTests {
  @Test func `the program goes on after its code was given back`() {
    #expect(Timestamp.text(0) == "1970-01-01T00:00:00Z")
    ProgramText.giveBackWhatStarted()
    #expect(Timestamp.text(86_400) == "1970-01-02T00:00:00Z")
  }
}
