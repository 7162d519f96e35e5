import DashboardCore
import DashboardPanes
import Engine
import TerminalKit

#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// The full-screen dashboard.
package enum Dashboard {
  /// Runs it until the user quits.
  ///
  /// - Parameter seats: the clusters of the services, in their order.
  /// - Returns: the signal that ended it, or nil.
  /// - Throws: `EngineError` if the output is not a terminal.
  package static func run(
    _ services: DashboardServices, settings: Settings, seats: [ClusterSeat]
  ) throws -> Int32? {
    try DescriptorRoom.check(64)
    guard let mailbox = Mailbox<Message>() else {
      throw EngineError(.failed, "The system has no more file descriptors", fix: "Close other programs")
    }
    let interface = TextFile.read(services.paths.interface).map(InterfaceState.init) ?? InterfaceState()
    var settings = settings.remembering(interface)
    let name = services.environment["TERM"]
    let hasTrueColor = ["truecolor", "24bit"].contains(services.environment["COLORTERM"]?.lowercased())
    let screen = try Screen(
      wake: mailbox.writer, name: name, locale: CharacterLocale.utf8(services.environment),
      usesColor: settings.usesColor,
      exactColors: hasTrueColor ? settings.theme.exact : [:])
    if screen.colors < 256, !settings.theme.exact.isEmpty { settings.theme = .terminal }
    let loop = DashboardLoop(
      screen: screen, mailbox: mailbox, services: services,
      model: Model(
        settings: settings, size: screen.size, now: SystemTime.secondsSince1970(), interface: interface,
        panes: Panes.all, clusters: seats))
    let signal = loop.run()
    screen.end()
    let stray = screen.strayText
    if !stray.isEmpty { screen.tell(SafeText.lines(stray)) }
    return signal
  }

  /// A frame as text, once the clusters have responded or failed to.
  package static func snapshot(
    _ services: DashboardServices, settings: Settings, size: Size, seats: [ClusterSeat]
  ) throws -> String {
    try DescriptorRoom.check(64)
    guard let mailbox = Mailbox<Message>() else {
      throw EngineError(.failed, "The system has no more file descriptors", fix: "Close other programs")
    }
    let runtime = DashboardRuntime(services: services, mailbox: mailbox)
    var model = Model(
      settings: settings, size: size, now: SystemTime.secondsSince1970(), panes: Panes.all,
      clusters: seats)
    runtime.start()
    let end = SystemTime.secondsSince1970() + 15
    var quiet = 0
    while SystemTime.secondsSince1970() < end {
      var wait = mailbox.wait
      let isNews = poll(&wait, 1, 100) > 0
      if isNews {
        for message in mailbox.take().messages {
          for effect in update(&model, message, at: SystemTime.secondsSince1970()) { runtime.perform(effect) }
        }
      }
      // All requests have had time to complete.
      let isKnown =
        model.hasConfiguration
        && model.clusters.allSatisfy {
          $0.observation.map { $0.snapshot != nil || !$0.cluster.isReady } == true
        }
      quiet = isKnown && model.log.phase != .loading && (!model.isEmpty || model.checks != nil) ? quiet + 1 : 0
      if quiet >= 4 { break }
    }
    model.toasts = []
    runtime.stop()
    let last = SystemTime.secondsSince1970() + 5
    ending: while SystemTime.secondsSince1970() < last {
      var wait = mailbox.wait
      guard poll(&wait, 1, 100) > 0 else { continue }
      for message in mailbox.take().messages { if case .allEnded = message { break ending } }
    }
    return render(model).frame.text
  }
}
