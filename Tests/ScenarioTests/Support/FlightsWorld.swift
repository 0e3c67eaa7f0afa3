/// The example's pipeline with its sources, as scenarios find it.

import MartletModel
@testable import MartletSimulation
import TestPipelines

extension World {
  static func flights(days: ClosedRange<Int> = 1...3, batch: Int = 1) -> World {
    World(.flights(days: days, batch: batch), sources: Pipeline.flightsSources(days: days))
  }
}
