import Foundation
import TestSupport

extension TemporaryFolder {
  /// Writes programs for clusters that cannot be used: this kubectl, a docker without its engine, helm and kind.
  ///
  /// - Returns: the variables with which deskrun uses them, with this folder as its home.
  func writePrograms(kubectl: String) throws -> [String: String] {
    try FileManager.default.createDirectory(atPath: path + "/bin", withIntermediateDirectories: true)
    let docker = "echo 'Cannot connect to the Docker daemon. Is the docker daemon running?' >&2\nexit 1"
    let helm = "case \"$*\" in *list*) echo '[]' ;; *) echo v4.1.4 ;; esac"
    for (name, script) in [("kubectl", kubectl), ("docker", docker), ("helm", helm), ("kind", "echo v4.1.4")] {
      try write("#!/bin/sh\n\(script)\n", to: "bin/\(name)", mode: 0o755)
    }
    return ["DESKRUN_HOME": path, "HOME": path, "PATH": "\(path)/bin:/usr/bin:/bin"]
  }
}
