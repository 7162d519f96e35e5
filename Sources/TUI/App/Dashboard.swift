import Engine

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The full-screen dashboard.
public enum Dashboard {
  /// Runs it until the reader leaves.
  ///
  /// - Returns: the signal that ended it, or nil.
  /// - Throws: `EngineError` when there is no terminal to draw on.
  public static func run(_ services: DashboardServices, settings: Settings) throws -> Int32? {
    try DescriptorRoom.check(64)
    guard let mailbox = Mailbox<Message>() else {
      throw EngineError(.failed, "The system has no more file descriptors", fix: "Close other programs")
    }
    let interface = TextFile.read(services.paths.interface).map(InterfaceState.init) ?? InterfaceState()
    var settings = settings
    if settings.theme == .terminal, let name = interface.theme, let theme = Theme.named(name) { settings.theme = theme }
    let name = services.environment["TERM"]
    let hasTrueColor = ["truecolor", "24bit"].contains(services.environment["COLORTERM"]?.lowercased())
    let screen = try Screen(
      wake: mailbox.writer, name: name, usesColor: settings.usesColor,
      exactColors: hasTrueColor ? settings.theme.exact : [:])
    if screen.colors < 256, !settings.theme.exact.isEmpty { settings.theme = .terminal }
    let loop = DashboardLoop(
      screen: screen, mailbox: mailbox, services: services,
      model: Model(settings: settings, size: screen.size, now: SystemTime.secondsSince1970(), interface: interface))
    let signal = loop.run()
    screen.end()
    let stray = screen.strayText
    if !stray.isEmpty { TerminalOutput.write(Array(SafeText.lines(stray).utf8), to: 2) }
    return signal
  }

  /// One frame as text, after the cluster has answered or was found not to.
  public static func snapshot(_ services: DashboardServices, settings: Settings, size: Size) throws -> String {
    try DescriptorRoom.check(64)
    guard let mailbox = Mailbox<Message>() else {
      throw EngineError(.failed, "The system has no more file descriptors", fix: "Close other programs")
    }
    let runtime = DashboardRuntime(services: services, mailbox: mailbox)
    var model = Model(settings: settings, size: size, now: SystemTime.secondsSince1970())
    runtime.start()
    let end = SystemTime.secondsSince1970() + 15
    var quiet = 0
    while SystemTime.secondsSince1970() < end {
      var wait = pollfd(fd: mailbox.reader, events: Int16(POLLIN), revents: 0)
      let isNews = poll(&wait, 1, 100) > 0
      if isNews {
        var bytes = [UInt8](repeating: 0, count: 256)
        _ = read(mailbox.reader, &bytes, bytes.count)
        for message in mailbox.take() {
          for effect in update(&model, message, at: SystemTime.secondsSince1970()) { runtime.perform(effect) }
        }
      }
      // Everything that was asked has had time to answer.
      let isKnown =
        model.hasConfiguration && model.observation.map { $0.snapshot != nil || !$0.cluster.isReady } == true
      quiet = isKnown && model.log.phase != .loading && (!model.isEmpty || model.checks != nil) ? quiet + 1 : 0
      if quiet >= 4 { break }
    }
    model.toasts = []
    runtime.stop()
    return render(model).frame.text
  }
}
