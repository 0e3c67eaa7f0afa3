// What a process left in `MARTLET_RESULT`: the records that read, and what is wrong with the lines that do not.

import MartletModel
import MartletRun

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

struct ResultFile {
  /// A line that is no record.
  struct Fault: Hashable {
    /// The partition that the line names, as far as it reads; `nil` says nothing of whom it was about.
    let partition: String?
    let message: String
  }

  private(set) var records: [ResultRecord] = []
  private(set) var faults: [Fault] = []

  init(_ bytes: [UInt8]) {
    // One record may be spread over several lines, as most JSON writers do when asked for a readable file.
    if ResultFile.isJSON(bytes) {
      read(bytes, line: 1, isCutOff: false)
      return
    }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 9 || $0 == 13 || $0 == 32 }) {
      read(Array(line), line: index + 1, isCutOff: index == lines.count - 1)
    }
  }

  /// What is wrong for one item of an attempt for `instances`; `nil` if every record that may be about it reads.
  func fault(for instance: TaskInstance, of instances: [TaskInstance]) -> String? {
    let known = Set(instances.compactMap { $0.partition?.value })
    func concerns(_ partition: String?) -> Bool {
      guard instances.count > 1, let partition, known.contains(partition) else { return true }
      return partition == instance.partition?.value
    }
    if let fault = faults.first(where: { concerns($0.partition) }) { return fault.message }
    guard let stranger = records.lazy.compactMap(\.partition).first(where: { !known.contains($0) }) else { return nil }
    return "the task's result names the partition \(stranger), which is none of this attempt's"
  }

  private mutating func read(_ bytes: [UInt8], line: Int, isCutOff: Bool) {
    func fault(_ partition: String?, _ what: String) -> Fault {
      Fault(partition: partition, message: "line \(line) of the task's result does not read: \(what)")
    }
    guard ResultFile.isJSON(bytes) else {
      // A dying process cuts its last line off; anything else is a record that its writer meant.
      if !isCutOff { faults.append(fault(nil, "it is not a JSON object")) }
      return
    }
    let decoder = JSONDecoder()
    var words: Words?
    do {
      let read = try decoder.decode(Words.self, from: Data(bytes))
      words = read
      if let problem = read.problem {
        faults.append(fault(read.partition, problem))
      } else {
        records.append(try decoder.decode(ResultRecord.self, from: Data(bytes)))
      }
    } catch let error as DecodingError {
      faults.append(fault(words?.partition, ResultFile.sentence(of: error)))
    } catch {
      faults.append(fault(words?.partition, "\(error)"))
    }
  }

  private static func isJSON(_ bytes: [UInt8]) -> Bool {
    do {
      _ = try JSONDecoder().decode(Anything.self, from: Data(bytes))
      return true
    } catch {
      return false
    }
  }

  private static func sentence(of error: DecodingError) -> String {
    let context: DecodingError.Context? =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context
      case .keyNotFound(let key, _): DecodingError.Context(codingPath: [key], debugDescription: "is absent")
      @unknown default: nil
      }
    guard let context else { return "\(error)" }
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
  }

  /// Any JSON object, whatever is in it.
  private struct Anything: Decodable {
    private enum Key: CodingKey {}

    init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: Key.self) }
  }

  /// The fields whose values are words of the contract, as they were written.
  private struct Words: Decodable {
    let partition: String?
    let status: String?
    let `class`: String?
    let verdict: String?

    var problem: String? {
      guard let status else { return "status is absent" }
      guard ["succeeded", "failed"].contains(status) else { return "status \(status) is neither succeeded nor failed" }
      if let word = `class`, FailureClass(rawValue: word) == nil { return "class \(word) is unknown" }
      if let verdict, Verdict(rawValue: verdict) == nil { return "verdict \(verdict) is none of pass, warn and fail" }
      return nil
    }
  }
}
