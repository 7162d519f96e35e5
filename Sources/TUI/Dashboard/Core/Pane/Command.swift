import TerminalKit

/// All commands of the dashboard.
package enum Command: String, CaseIterable, Sendable {
  // Navigation
  case up, down, pageUp, pageDown, halfUp, halfDown, top, bottom, left, right
  case nextPane, previousPane, paneInstallations, paneRunners, paneBottom
  case previousTab, nextTab, tabLogs, tabEvents, tabJobs, tabTimeline, tabFindings, tabActivity, tabDetails, tabClusters
  case zoom, back, showAll, growBottom, shrinkBottom, shareHeight, open
  // The program
  case help, palette, quit, suspend, redraw, retry, doctor, theme, bell, saveScreen
  // Tables
  case filter, sort, reverseSort, copy
  // Installations
  case add, edit, remove, scale, scaleUp, scaleDown, bringUp, restartListener, upgrade
  case createCluster, stopCluster, deleteCluster, takeDown
  // Runners and jobs
  case logs, listenerLog, controllerLog, mergedLog, shell, openRun, copyLink, deleteRunner, clearFailed
  case yaml, describe, why, remedy, bringUpAll
  case onlyFailed
  // The timeline
  case zoomIn, zoomOut, earlier, later
  // Text
  case follow, search, searchNext, searchPrevious, filterLog, wrap, timestamps, diagnostics, container, clearLog, mark,
    save
  case nextError, previousError, fold, foldAll, nextGroup, previousGroup, raw
  case copyCommand, nextCommand
  // Activity
  case cancelActivity, runAgain, nextActivity, previousActivity

  /// The title in the palette and the help.
  package var title: String {
    switch self {
    case .up: "Up"
    case .down: "Down"
    case .pageUp: "A page up"
    case .pageDown: "A page down"
    case .halfUp: "Half a page up"
    case .halfDown: "Half a page down"
    case .top: "To the start"
    case .bottom: "To the end, and follow new lines"
    case .left: "Left"
    case .right: "Right"
    case .nextPane: "Next pane"
    case .previousPane: "Previous pane"
    case .paneInstallations: "Go to the installations"
    case .paneRunners: "Go to the runners"
    case .paneBottom: "Go to the pane at the bottom"
    case .previousTab: "Previous tab"
    case .nextTab: "Next tab"
    case .tabLogs: "Show logs"
    case .tabEvents: "Show events"
    case .tabJobs: "Show jobs"
    case .tabTimeline: "Show jobs on a timeline"
    case .tabFindings: "Show findings"
    case .tabActivity: "Show what deskrun is doing"
    case .tabDetails: "Show details of the selection"
    case .tabClusters: "Show the clusters"
    case .zoom: "Zoom the pane to the whole screen, or back"
    case .back: "Back: leave, clear the filter, show all"
    case .showAll: "Show the runners of all installations"
    case .growBottom: "Make the bottom pane larger"
    case .shrinkBottom: "Make the bottom pane smaller"
    case .shareHeight: "Divide the height by the contents of the panes"
    case .open: "Open the selection"
    case .help: "Help: every key"
    case .palette: "Find and run a command"
    case .quit: "Quit"
    case .suspend: "Suspend; fg resumes"
    case .redraw: "Redraw"
    case .retry: "Query the cluster again now"
    case .doctor: "Check what runners need"
    case .theme: "Next color theme"
    case .bell: "Turn the bell for failures on or off"
    case .saveScreen: "Save the screen as text"
    case .filter: "Show only rows with these words; !word excludes"
    case .sort: "Sort by another column"
    case .reverseSort: "Reverse the sort order"
    case .copy: "Copy the name, the line or the text"
    case .add: "Add an installation"
    case .edit: "Change the installation"
    case .remove: "Remove the installation"
    case .scale: "Set min and max runners"
    case .scaleUp: "Raise max runners by one"
    case .scaleDown: "Lower max runners by one"
    case .bringUp: "Apply the configuration of the installation"
    case .restartListener: "Restart the listener"
    case .upgrade: "Upgrade controller and scale sets to this deskrun's version"
    case .createCluster: "Create the cluster, or start it"
    case .stopCluster: "Stop the cluster's node"
    case .deleteCluster: "Delete the cluster"
    case .takeDown: "Remove runners, controller and cluster in order"
    case .logs: "Show the log of the selection"
    case .listenerLog: "Show the listener's log"
    case .controllerLog: "Show the controller's log"
    case .mergedLog: "Show the logs of all runners of the installation together"
    case .shell: "Open a shell in the runner"
    case .openRun: "Open the job's run in the browser"
    case .copyLink: "Copy the link to the job's run"
    case .deleteRunner: "Delete the runner"
    case .clearFailed: "Delete all failing runners of the installation"
    case .yaml: "Show it as YAML"
    case .describe: "Describe it"
    case .why: "Explain what is wrong"
    case .remedy: "Apply the fix of the finding"
    case .bringUpAll: "Apply the whole configuration"
    case .onlyFailed: "Show only failures and warnings, or all"
    case .zoomIn: "Show a shorter time"
    case .zoomOut: "Show a longer time"
    case .earlier: "Show an earlier time"
    case .later: "Show a later time"
    case .follow: "Follow the end of the log, or pause"
    case .search: "Search"
    case .searchNext: "Next match"
    case .searchPrevious: "Previous match"
    case .filterLog: "Show only lines with these words"
    case .nextError: "Next error in the log"
    case .previousError: "Previous error in the log"
    case .fold: "Fold or unfold the group"
    case .foldAll: "Fold or unfold all groups"
    case .nextGroup: "Next group"
    case .previousGroup: "Previous group"
    case .raw: "Show the log raw, or as GitHub shows it"
    case .copyCommand: "Copy the marked command"
    case .nextCommand: "Mark the next command"
    case .wrap: "Wrap long lines, or cut them"
    case .timestamps: "Show or hide times"
    case .diagnostics: "Show or hide the runner's own diagnostics"
    case .container: "Choose the container"
    case .clearLog: "Clear what is shown"
    case .mark: "Add a mark below the last line"
    case .save: "Save the text to a file"
    case .cancelActivity: "Cancel what is running"
    case .runAgain: "Run it again"
    case .nextActivity: "Show the next activity"
    case .previousActivity: "Show the previous activity"
    }
  }

  /// Whether it changes anything outside the dashboard: not available with --read-only.
  package var changes: Bool {
    switch self {
    case .add, .edit, .remove, .scale, .scaleUp, .scaleDown, .bringUp, .restartListener, .upgrade, .createCluster,
      .stopCluster, .deleteCluster, .takeDown, .shell, .deleteRunner, .clearFailed, .runAgain, .remedy, .bringUpAll:
      true
    default: false
    }
  }

  /// Whether the palette lists it: navigation commands are left out.
  var isInPalette: Bool {
    switch self {
    case .up, .down, .pageUp, .pageDown, .halfUp, .halfDown, .top, .bottom, .left, .right, .nextPane, .previousPane,
      .palette, .back, .open, .searchNext, .searchPrevious, .remedy, .copyCommand, .nextCommand:
      false
    default: true
    }
  }
}
