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

  /// Draws a plot with gnuplot.
  mutating func plot(_ name: String, title: String, _ plot: PlotScript) throws {
    var script = ""
    for format in PlotScript.Format.allCases {
      script += plot.text(format: format, output: "\(folder)/\(name).\(format.rawValue)")
    }
    try draw(name, title, hint: "apt-get install gnuplot-nox", [[gnuplot, "-"]], input: script)
  }

  /// Draws a graph with graphviz.
  mutating func graph(_ name: String, title: String, dot: String) throws {
    let commands = ["svg", "png:cairo"].map { format in
      let suffix = format.prefix(3)
      return [self.dot, "-T\(format)", "-Gdpi=\(suffix == "png" ? 110 : 72)", "-o", "\(folder)/\(name).\(suffix)"]
    }
    try draw(name, title, hint: "apt-get install graphviz", commands, input: dot)
  }

  private mutating func draw(_ name: String, _ title: String, hint: String, _ commands: [[String]], input: String) throws {
    for command in commands {
      do {
        let output = try HelperProgram.run(command, input: Array(input.utf8))
        guard output.status == 0 else {
          let reason = String(decoding: output.standardError, as: UTF8.self).split(separator: "\n").last.map(String.init)
          omissions.append("\(title) is left out: \(command[0]) failed: \(reason ?? "status \(output.status)").")
          return
        }
      } catch is HelperProgram.Failure {
        omissions.append("\(title) is left out: \(command[0]) is not installed (`\(hint)`).")
        return
      }
    }
    pictures.append(Picture(name: name, title: title))
  }

  func has(_ name: String) -> Bool { pictures.contains { $0.name == name } }
}
