/// The generator that jitter comes from: equal on every machine.

import MartletRun
import Testing

struct GeneratorTests {
  /// The first numbers of SplitMix64 from seed 1234567, as published with the algorithm.
  @Test func theSequenceIsThePublishedOne() {
    var generator = SeededGenerator(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() } == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  @Test func uniformNumbersStayBelowOne() {
    var generator = SeededGenerator(seed: 1)
    let numbers = (0..<10_000).map { _ in generator.uniform() }
    #expect(numbers.allSatisfy { (0..<1).contains($0) })
    #expect((0.48..<0.52).contains(numbers.reduce(0, +) / 10_000))
  }
}
