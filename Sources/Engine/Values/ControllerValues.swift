/// The Helm values of the controller, for chart `ARC.controllerChart`.
public enum ControllerValues {
  /// One replica, log in a form people and `ControllerLog` can read.
  public static let json: JSONValue = ["replicaCount": 1, "flags": ["logLevel": "info"]]
}
