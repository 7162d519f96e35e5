import Engine

public struct DemoOptions: Sendable { public init(speed: Double?, seed: UInt64?, runners: Int?, isEmpty: Bool) {} }
public enum DemoCluster {
  public static func prepare(root: String, executable: String, options: DemoOptions) throws -> [String: String] { [:] }
  public static func reset(root: String) throws {}
}
public func demoToolMain(name: String, arguments: [String], environment: [String: String]) -> Int32 { 1 }
