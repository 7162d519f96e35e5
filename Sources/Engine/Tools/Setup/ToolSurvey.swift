import Basics

/// The state of a program that deskrun needs on this machine.
package struct SurveyedTool: Sendable, Equatable {
  package enum State: Sendable, Equatable {
    /// Its version as it reports it, or nil if it does not.
    case usable(version: String?)
    /// Installed by an earlier `deskrun setup`, which now installs another version.
    case outdated(version: String)
    case tooOld(version: String)
    case missing
    /// It exists but does not work.
    case broken(EngineError)
  }

  package var tool: ToolName
  package var state: State
  /// Its path; nil if it is missing.
  package var path: String?
  package var origin: ToolLocator.Origin?
  /// What `deskrun setup` installs; nil if nothing needs to be or can be installed.
  package var offer: PinnedTool?

  /// The program in PATH that the offered one is used instead of.
  package var replaced: String? {
    switch (state, origin) {
    case (.tooOld, .path?), (.broken, .path?): path
    case (_, .setup(let other)?): other
    default: nil
    }
  }

  package var isUsable: Bool {
    switch state {
    case .usable, .outdated: true
    case .tooOld, .missing, .broken: false
    }
  }
}

/// Determines which of the programs that deskrun needs are installed.
package struct ToolSurvey: Sendable {
  package let toolbox: Toolbox
  /// The platform of this machine; nil if nothing is published for it.
  package let platform: PinnedTools.Platform?

  package init(toolbox: Toolbox, platform: PinnedTools.Platform? = .current) {
    (self.toolbox, self.platform) = (toolbox, platform)
  }

  /// kind, kubectl and helm.
  ///
  /// - Throws: only `CancellationError`.
  package func tools() async throws -> [SurveyedTool] {
    var tools: [SurveyedTool] = []
    for tool in PinnedTools.tools { tools.append(try await look(at: tool)) }
    return tools
  }

  private func look(at tool: ToolName) async throws -> SurveyedTool {
    let locator = toolbox.locator
    let offer = platform.flatMap { PinnedTools.offer(tool, for: $0) }
    let path: String
    do throws(EngineError) { path = try locator.locate(tool) } catch {
      // A variable that does not name a program must be corrected by the user: an installed program would not be used.
      let isOverride = toolbox.environment[tool.overrideVariable]?.isEmpty == false
      return SurveyedTool(
        tool: tool, state: isOverride ? .broken(error) : .missing, offer: isOverride ? nil : offer)
    }
    var found = SurveyedTool(tool: tool, state: .missing, path: path, origin: locator.origin(tool))
    let canReplace = found.origin != .override
    do {
      let version = try await toolbox.version(of: tool)
      if let oldest = ToolVersion.oldest(of: tool), let numbers = version.numbers,
        numbers.lexicographicallyPrecedes(oldest)
      {
        found.state = .tooOld(version: version.text)
        found.offer = canReplace ? offer : nil
      } else if case .setup? = found.origin, let numbers = version.numbers, let offer,
        numbers != offer.version.split(separator: ".").compactMap({ Int($0) })
      {
        found.state = .outdated(version: version.text)
        found.offer = offer
      } else {
        found.state = .usable(version: version.numbers == nil ? nil : version.text)
      }
    } catch let error as EngineError {
      found.state = .broken(error)
      found.offer = canReplace ? offer : nil
    }
    return found
  }
}
