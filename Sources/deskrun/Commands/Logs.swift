import ArgumentParser

/// `deskrun logs`.
struct Logs: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the logs of an installation's runners, of its listener or of the controller.",
    discussion: """
      EXAMPLES:
          deskrun logs web-ci --follow
          deskrun logs web-ci --listener
          deskrun logs --controller --tail 50
      """)

  @Argument(help: "The installation. Not needed with --controller.", completion: Completions.installationNames)
  var name: String?

  @Flag(name: .shortAndLong, help: "Go on with what comes, also of runners that start later, until ctrl-C.")
  var follow = false

  @Flag(help: "The listener, which asks GitHub for jobs, instead of the runners.")
  var listener = false

  @Flag(help: "The controller, which makes listeners and runners, instead of the runners.")
  var controller = false

  @Option(
    help: ArgumentHelp("Begin with so many of the last lines of each container. Default: all.", valueName: "lines"))
  var tail: Int?

  @OptionGroup(title: "Global Options") var global: GlobalOptions

  func validate() throws {
    if listener, controller { throw ValidationError("--listener and --controller contradict each other.") }
    if controller, name != nil {
      throw ValidationError("--controller shows the one controller of all installations; leave out the name.")
    }
    if !controller, name == nil { throw ValidationError("Name an installation, or use --controller.") }
    if let tail, tail < 0 { throw ValidationError("--tail must not be negative.") }
  }
}
