/// Draws a report's pictures with gnuplot and graphviz, each as SVG and PNG. A missing program costs its pictures, never the report.

import MartletFiles

/// Writes pictures into a folder and remembers which could not be drawn, and why.
struct PlotWriter {
  /// A picture that is there.
  struct Picture: Equatable {
    let name: String
    let title: String
  }

  let folder: String
  private let gnuplot: String
  private let dot: String
  private(set) var pictures: [Picture] = []
  /// Sentences for the report.
  private(set) var omissions: [String] = []

  init(folder: String, gnuplot: String = "gnuplot", dot: String = "dot") {
    self.folder = folder
    self.gnuplot = gnuplot
    self.dot = dot
  }

  /// A picture to be drawn.
  struct Drawing: Sendable {
    enum Content: Sendable {
      /// By gnuplot.
      case plot(PlotScript)
      /// By graphviz, in its language.
      case graph(dot: String)
    }

    let name: String
    let title: String
    let content: Content
  }

  /// Draws pictures, several at once: they do not depend on each other, and each is a process or two of its own.
  mutating func draw(_ drawings: [Drawing], threads: Int = 1) throws {
    let works = drawings.map { (drawing: $0, commands: commands($0)) }
    let outcomes = parallelMap(works, threads: threads) { work in try Self.omission(work.drawing, work.commands) }
    for (drawing, outcome) in zip(drawings, outcomes) {
      if let reason = try outcome.get() {
        omissions.append("\(drawing.title) is left out: \(reason).")
      } else {
        pictures.append(Picture(name: drawing.name, title: drawing.title))
      }
    }
  }

  /// The commands that draw a picture in every format, with what each reads.
  private func commands(_ drawing: Drawing) -> [(arguments: [String], input: String)] {
    switch drawing.content {
    case .plot(let plot):
      let scripts = PlotScript.Format.allCases.map { format in
        plot.text(format: format, output: "\(folder)/\(drawing.name).\(format.rawValue)")
      }
      return [([gnuplot, "-"], scripts.joined())]
    case .graph(let dot):
      return ["svg", "png:cairo"].map { format in
        let suffix = format.prefix(3)
        let dpi = suffix == "png" ? 110 : 72
        return ([self.dot, "-T\(format)", "-Gdpi=\(dpi)", "-o", "\(folder)/\(drawing.name).\(suffix)"], dot)
      }
    }
  }

  /// Runs the commands; why a picture is left out, `nil` if it is there.
  private static func omission(_ drawing: Drawing, _ commands: [(arguments: [String], input: String)]) throws -> String? {
    for (arguments, input) in commands {
      do {
        let output = try HelperProgram.run(arguments, input: Array(input.utf8))
        guard output.status != 0 else { continue }
        let reason = String(decoding: output.standardError, as: UTF8.self).split(separator: "\n").last.map(String.init)
        return "\(arguments[0]) failed: \(reason ?? "status \(output.status)")"
      } catch is HelperProgram.Failure {
        return "\(arguments[0]) is not installed (`\(drawing.content.hint)`)"
      }
    }
    return nil
  }

  func has(_ name: String) -> Bool { pictures.contains { $0.name == name } }
}

extension PlotWriter.Drawing.Content {
  /// What installs the program.
  fileprivate var hint: String {
    switch self {
    case .plot: "apt-get install gnuplot-nox"
    case .graph: "apt-get install graphviz"
    }
  }
}
