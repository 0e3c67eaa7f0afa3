/// What is wrong with the file in which a person declares what one built-in task does.
public struct ConfigurationFinding: Codable, Sendable {
  public let task: String
  /// The task's input that is this file.
  public let input: String
  /// Each with its place in the file.
  public let diagnostics: [Diagnostic]
  /// What is wrong with the file as a whole; several lines where the first does not say it all.
  public let message: String?

  public init(task: String, input: String, diagnostics: [Diagnostic] = [], message: String? = nil) {
    self.task = task
    self.input = input
    self.diagnostics = diagnostics
    self.message = message
  }
}
