import ArgumentParser
import Demo
import Engine
import TUI

@main
struct Deskrun: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "deskrun", version: "0.1.0")
}
