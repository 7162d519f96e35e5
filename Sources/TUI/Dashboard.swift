import CNcurses
import Engine

/// The version of the ncurses library the dashboard will draw with, as the library names itself.
public func ncursesVersion() -> String { String(cString: curses_version()) }
