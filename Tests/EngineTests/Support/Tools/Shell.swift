import Foundation
import Tools

/// A call that runs a shell script.
package func shell(
  _ script: String, input: [UInt8]? = nil, timeout: Duration? = .seconds(60), grace: Duration = .milliseconds(300),
  limit: Int = 64 << 20
) -> ToolCall {
  ToolCall(
    "/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], input: input, timeout: timeout,
    gracePeriod: grace, outputLimit: limit)
}
