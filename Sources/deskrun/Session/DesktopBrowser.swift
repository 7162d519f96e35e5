import Engine

/// Opens a page on the user's desktop.
package enum DesktopBrowser {
  /// - Returns: a sentence about what was done.
  /// - Throws: only `CancellationError`.
  package static func open(_ link: String, _ session: Session) async throws -> String {
    let environment = session.environment
    #if canImport(Darwin)
    let name = "open"
    let hasDesktop = true
    #else
    let name = "xdg-open"
    let hasDesktop = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment[$0]?.isEmpty == false }
    #endif
    guard hasDesktop, let program = session.toolbox.locator.find(program: name) else {
      return "No browser found here; open the page yourself."
    }
    do {
      let result = try await session.toolbox.runner.run(
        ToolCall(program, [link], environment: environment, timeout: .seconds(20)))
      return result.exit.isSuccess ? "Opened." : "\(name) could not open it; open the page yourself."
    } catch let error as EngineError { return "\(error.what); open the page yourself." }
  }
}
