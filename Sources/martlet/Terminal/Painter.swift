/// Colours, and the one place that knows how a state looks: always symbol and word, never colour alone.

struct Painter: Sendable {
  enum Style: String {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
  }

  let isOn: Bool

  func paint(_ text: String, _ style: Style) -> String {
    isOn && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
  }

  /// `✓ succeeded`: for the words of settlements, outcomes, results and verdicts.
  func state(_ word: String) -> String {
    let look = Painter.look(word)
    return paint("\(look.symbol) \(word)", look.style)
  }

  func symbol(_ word: String) -> String {
    let look = Painter.look(word)
    return paint(look.symbol, look.style)
  }

  private static func look(_ word: String) -> (symbol: String, style: Style) {
    switch word {
    case "succeeded", "pass", "ok", "approved", "accepted": ("✓", .green)
    case "reused": ("=", .dim)
    case "failed", "fail", "timedOut", "lost", "rejected": ("✗", .red)
    case "waiting", "pausing", "paused": ("⏸", .yellow)
    case "warn", "open": ("!", .yellow)
    case "running", "run", "maybe": ("▶", .blue)
    case "retry": ("↻", .yellow)
    case "edited": ("✎", .yellow)
    case "blocked", "missing", "cancelled", "interrupted": ("○", .yellow)
    default: ("·", .dim)
    }
  }
}

extension Painter {
  /// A state as a table's cell: `✓ succeeded`, or with another text behind the symbol.
  static func cell(_ word: String, text: String? = nil) -> Table.Cell {
    let look = look(word)
    return Table.Cell("\(look.symbol) \(text ?? word)", look.style)
  }
}
