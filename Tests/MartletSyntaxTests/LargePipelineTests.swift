// A pipeline of many tasks is read without recursion and without comparing every path with every other.

import MartletModel
import MartletSyntax
import Testing

struct LargePipelineTests {
  private func chain(_ count: Int, closed: Bool) -> String {
    var text = "martlet: 1\npipeline: chain\ntasks:\n"
    for number in 0..<count {
      let input = number == 0 ? (closed ? "t\(count - 1).o" : "./seed") : "t\(number - 1).o"
      text += "  t\(number): {run: \"cp ${{ in.a }} ${{ out.o }}\", in: {a: \(input)}, out: {o: data/t\(number)/o}}\n"
    }
    return text
  }

  @Test func aLongChainReads() {
    let (pipeline, diagnostics) = PipelineReader.read(text: chain(2000, closed: false), file: "martlet.yaml")
    #expect(diagnostics.isEmpty)
    #expect(pipeline?.tasks.count == 2000)
  }

  @Test func aLongLoopIsOneError() {
    let diagnostics = PipelineReader.read(text: chain(500, closed: true), file: "martlet.yaml").diagnostics
    #expect(diagnostics.map(\.code) == ["E117"])
    #expect(diagnostics.first?.related.count == 499)
  }
}
