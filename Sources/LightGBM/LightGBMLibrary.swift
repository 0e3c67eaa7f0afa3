// The opened library: its table of functions, and the one place where its return codes become errors.

import CLightGBM

/// LightGBM, opened at run time. It stays open for the life of the process, so that copies of this value never dangle.
///
/// LightGBM keeps the text of its last error for each thread: `check` reads it before anything else can run on that thread.
public struct LightGBMLibrary: @unchecked Sendable {
  /// The version that Martlet is built and tested for.
  public static let version = "4.7.0"

  let functions: lightgbm_functions

  /// Opens the shared library at `path`.
  public init(path: String) throws(LightGBMError) {
    var functions = lightgbm_functions()
    var reason = [CChar](repeating: 0, count: 1024)
    guard lightgbm_open(path, &functions, &reason, reason.count) == 0 else {
      throw .cannotOpen(path: path, reason: text(of: reason))
    }
    self.functions = functions
  }

  /// Every parameter that LightGBM knows, with its other names, as the JSON of a map of lists.
  public func parameterAliases() throws(LightGBMError) -> String {
    var length: Int64 = 0
    try check(functions.parameter_aliases(0, &length, nil), "listing the parameters")
    var buffer = [CChar](repeating: 0, count: Int(length))
    try check(functions.parameter_aliases(length, &length, &buffer), "listing the parameters")
    return text(of: buffer)
  }

  func check(_ code: Int32, _ doing: @autoclosure () -> String) throws(LightGBMError) {
    guard code == 0 else {
      let reason = functions.last_error().map { String(cString: $0) } ?? "no reason given"
      throw .failed(doing: doing(), reason: reason)
    }
  }
}

/// The text in a buffer that C filled, up to its first zero.
func text(of buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
