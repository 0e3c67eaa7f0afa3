/// A gnuplot script in the style of all our plots.
struct PlotScript {
  enum Format: String, CaseIterable { case svg, png }

  enum Colour {
    static let main = "#2b6cb0"
    static let accent = "#dd6b20"
    static let quiet = "#a0aec0"
    static let text = "#2d3748"
    static let grid = "#e2e8f0"
  }

  let width: Int
  let height: Int
  /// What stands between the common settings and the end: axes, data blocks, the plot command.
  let body: String

  func text(format: Format, output: String) -> String {
    let terminal =
      switch format {
      case .svg: "svg size \(width),\(height) font 'Helvetica,Arial,sans-serif,13' background '#ffffff' rounded dashlength 1"
      case .png:
        "pngcairo size \(width * 3 / 2),\(height * 3 / 2) font 'DejaVu Sans,10' fontscale 1.35 linewidth 1.5 background '#ffffff' rounded"
      }
    return """
      reset session
      set encoding utf8
      set terminal \(terminal)
      set output \(Self.quoted(output))
      set border 3 linecolor rgb '\(Colour.quiet)' linewidth 1
      set tics nomirror textcolor rgb '\(Colour.text)' scale 0.5
      set grid linecolor rgb '\(Colour.grid)' linetype 1 linewidth 1
      set key textcolor rgb '\(Colour.text)'
      set title textcolor rgb '\(Colour.text)'
      set xlabel textcolor rgb '\(Colour.text)'
      set ylabel textcolor rgb '\(Colour.text)'
      \(body)
      unset output

      """
  }

  /// A text that gnuplot takes as it stands.
  static func quoted(_ text: String) -> String {
    var result = "'"
    for character in text { result += character == "'" ? "''" : String(character) }
    return result + "'"
  }

  /// A label inside a data block, without what enhanced text would take as markup.
  static func label(_ text: String) -> String {
    var result = "\""
    for character in text where character != "\"" && character != "\\" && !character.isNewline {
      result += "_^{}@&~".contains(character) ? "\\\\\(character)" : String(character)
    }
    return result + "\""
  }

  /// Lines of a data block named `$name`.
  static func block(_ name: String, _ rows: [String]) -> String {
    "$\(name) << END\n\(rows.joined(separator: "\n"))\nEND"
  }
}
