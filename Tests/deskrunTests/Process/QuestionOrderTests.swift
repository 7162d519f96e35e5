import Foundation
import TestSupport
import Testing

/// Which requests are concurrent.
@Suite(.ownThreads) struct QuestionOrderTests {
  @Test func `the cluster is asked while the container engine has not answered`() async throws {
    let tools = try await StandInTools(
      """
      case "$0 $*" in
      *kubectl*/log*) echo 'asked for a log' >>"$NOTES" ;;
      *docker*inspect*)
        tries=0
        until grep -q 'asked for a log' "$NOTES" 2>/dev/null || [ $tries = 400 ]; do
          sleep 0.05
          tries=$((tries + 1))
        done
        [ $tries = 400 ] || echo 'then the engine answered' >>"$NOTES" ;;
      esac
      """)
    let outcome = try DeskrunBinary.run(["status"], environment: tools.environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(tools.noted.contains("then the engine answered"), "\(tools.noted)")
  }
}
