/// The version of the built-in tasks' executable.
public enum BuiltinVersion {
  public static let current = "0.1.0"
}
