/// What goes wrong between Martlet and LightGBM.
public enum LightGBMError: Error, Equatable, CustomStringConvertible {
  /// The shared library at `path` cannot be opened, for the loader's `reason`.
  case cannotOpen(path: String, reason: String)
  /// A function of LightGBM's failed; `reason` is LightGBM's own text.
  case failed(doing: String, reason: String)
  /// A model's text that no LightGBM model has.
  case notAModel(reason: String)

  public var description: String {
    switch self {
    case .cannotOpen(let path, let reason) where reason.contains("libgomp"):
      """
      LightGBM at \(path) needs libgomp, which is not installed
        reason: \(reason)
        hint:   apt-get install libgomp1
      """
    case .cannotOpen(let path, let reason):
      """
      LightGBM cannot be opened
        file:   \(path)
        reason: \(reason)
        hint:   pip install lightgbm==4.7.0
      """
    case .failed(let doing, let reason): "LightGBM failed while \(doing): \(reason)"
    case .notAModel(let reason): "this is not a model of LightGBM's: \(reason)"
    }
  }
}
