// Whatever someone does to a pipeline file, the reader answers: never a crash, and never a pipeline together with an error.

import MartletModel
import MartletSyntax
import Testing

/// Numbers that are the same in every run of the tests: xorshift64*.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed | 1
  }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

struct MutationTests {
  private static let fragments = [
    "${{", "}}", "${{ dt }}", "${{ hash }}", "*a", "&a ", "<<: ", "!!int ", "? ", "- ", ": ", "{", "}", "[", "]", "\"", "'",
    "|\n",
    ">", "#", "%", "@", "`", "\t", "\r", "\u{FEFF}", "\u{0}", "\u{2028}", "é", "👍", "..", "/", "./", ".", ",", "\n", "  ", "~",
    "0x",
    "null", "---\n", "...\n", "run", "each", "ingest.all", "uses: train@1\n", "99999999999999999999", "\\", "\"\\ud800\"",
  ]

  @Test(arguments: 1...8)
  func theReaderAlwaysAnswers(seed: Int) {
    var numbers = SeededNumbers(seed: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    for round in 0..<60 {
      let text = mutated(&numbers)
      let (pipeline, diagnostics) = PipelineReader.read(text: text, file: "martlet.yaml")
      let isClean = diagnostics.allSatisfy { $0.severity != .error }
      #expect((pipeline != nil) == isClean, "seed \(seed), round \(round):\n\(text)")
      #expect(diagnostics.allSatisfy { !$0.rendered.isEmpty && $0.location.line >= 1 && $0.location.column >= 1 })
    }
  }

  /// The example after one to six edits: characters dropped, lines repeated, moved or cut short, fragments put in.
  private func mutated(_ numbers: inout SeededNumbers) -> String {
    var lines = example.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
    for _ in 0..<Int.random(in: 1...6, using: &numbers) {
      let index = Int.random(in: 0..<lines.count, using: &numbers)
      let column = Int.random(in: 0...lines[index].count, using: &numbers)
      switch Int.random(in: 0..<7, using: &numbers) {
      case 0: lines[index].insert(contentsOf: Array(Self.fragments.randomElement(using: &numbers)!.unicodeScalars), at: column)
      case 1: if column < lines[index].count { lines[index].remove(at: column) }
      case 2: lines.insert(lines[index], at: Int.random(in: 0...lines.count, using: &numbers))
      case 3: lines[index].removeLast(lines[index].count - column)
      case 4: if lines.count > 1 { lines.remove(at: index) }
      case 5: lines.swapAt(index, Int.random(in: 0..<lines.count, using: &numbers))
      default: lines[index].insert(contentsOf: [" ", " "], at: 0)
      }
    }
    var text = String.UnicodeScalarView()
    for line in lines { text.append(contentsOf: line + ["\n"]) }
    return String(text)
  }
}
