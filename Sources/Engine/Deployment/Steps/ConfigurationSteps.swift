extension PlanExecutor {
  func save(_ installation: Installation, replaces: Bool) throws -> StepOutcome {
    var wasSame = false
    try store.update { configuration in
      if let existing = configuration.installation(named: installation.name) {
        wasSame = existing == installation
        guard replaces || wasSame else {
          throw EngineError(
            .invalid, "An installation named \(installation.name) has been added meanwhile",
            fix: "See `deskrun list`, then use `deskrun edit \(installation.name)` or another name")
        }
      }
      configuration.set(installation)
    }
    return wasSame ? .unchanged("it stands there already") : .changed()
  }

  func forget(_ name: InstallationName) throws -> StepOutcome {
    var wasThere = false
    try store.update { configuration in wasThere = configuration.remove(name) }
    return wasThere ? .changed() : .unchanged("it was not in the configuration")
  }

  func checkCredentials(_ installations: [Installation], _ context: StepContext) async throws -> StepOutcome {
    for installation in installations {
      context.progress("asking for those of \(installation.name)")
      _ = try await credentials(installation)
    }
    return .unchanged()
  }
}
