// What an attempt left behind, read and checked.

import MartletModel
import MartletRun

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension DiskWorkspace {
  public func verify(_ plan: AttemptPlan) -> Verification {
    var verification = Verification()
    do {
      let results = ResultFile(try FileContent.read("\(root)/\(plan.folder)/result.jsonl") ?? [])
      verification.records = results.records
      for item in plan.items {
        verification.recordFaults[item.instance] = results.fault(
          for: item.instance, of: plan.items.map(\.instance))
      }
      verification.logTail = String(
        decoding: try FileContent.tail(of: "\(root)/\(plan.folder)/log", count: 1 << 16) ?? [], as: UTF8.self)
      try verifyOutputs(of: plan, into: &verification)
      verification.changedInputs = try changedInputs(of: plan)
      try noteWritten(during: plan, into: &verification.changedInputs)
    } catch {
      verification.ioError = "\(error)"
    }
    return verification
  }

  /// Inputs whose bytes are as they were, and which were written since the attempt was prepared: what it read is not known. Files on another
  /// device, whose clock may be another, and the members of folders are not looked at.
  private func noteWritten(during plan: AttemptPlan, into changed: inout ChangedInputs) throws {
    guard let prepared = try FileStamp.of("\(root)/\(plan.folder)/spec.json") else { return }
    let now = wallNanoseconds()
    let whole = plan.items.flatMap(\.inputs).filter { $0.keys == nil }
    for (path, digest) in whole.flatMap({ zip($0.paths, $0.digests) }) + plan.code.map({ ($0.key, $0.value) })
    where !path.isFolder && changed.digests[path] == nil {
      guard let stamp = try FileStamp.of(full(path)), stamp.device == prepared.device else { continue }
      // What is dated ahead, as archives may hold it, was not written just now.
      let isLater = stamp.modifiedNanoseconds > prepared.modifiedNanoseconds
      if isLater, stamp.modifiedNanoseconds <= now { changed.digests[path] = digest }
    }
  }

  private func verifyOutputs(of plan: AttemptPlan, into verification: inout Verification) throws {
    var present: [(instance: TaskInstance, output: AttemptPlan.ItemOutput)] = []
    for item in plan.items where verification.record(for: item, of: plan)?.status != "failed" {
      for output in item.outputs {
        if let fault = try fault(of: output) {
          verification.faults[item.instance] = verification.faults[item.instance] ?? fault
        } else {
          present.append((item.instance, output))
        }
      }
    }
    let digests = FileDigest.contents(of: present.map { full($0.output.staged) }, followingLinks: false)
    var synced: [String] = []
    for (entry, result) in zip(present, digests) {
      switch result {
      case .success(let content):
        verification.outputs[entry.instance, default: []].append(
          VerifiedOutput(name: entry.output.name, digest: content.digest, bytes: Int(content.byteCount)))
        synced.append(full(entry.output.staged))
      case .failure(let error as UnfitFileError):
        verification.faults[entry.instance] = "output \(entry.output.name) is unfit: \(error)"
      case .failure(let error): throw error
      }
    }
    try Writeback.sync(synced)
  }

  /// What is wrong with one staged output; `nil` if it is there and of the right kind.
  private func fault(of output: AttemptPlan.ItemOutput) throws -> String? {
    let kind = try FileKind.of(full(output.staged), followingLinks: false)
    let expected: FileKind = output.target.isFolder ? .folder : .file
    guard let kind else { return "output \(output.name) was not written (\(output.target))" }
    return kind == expected ? nil : "output \(output.name) is \(kind.phrase), expected \(expected.phrase) (\(output.target))"
  }
}

/// A checkpoint's file: JSON with sorted keys, for people and for rebuilding the store.
public enum CheckpointFile {
  private struct Document: Codable {
    let schema: String
    let checkpoint: Checkpoint
  }

  public static func encode(_ checkpoint: Checkpoint) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(Document(schema: Checkpoint.schema, checkpoint: checkpoint))) + [UInt8(ascii: "\n")]
  }

  /// - Throws: `DecodingError` for anything that `encode` did not write.
  public static func decode(_ bytes: [UInt8]) throws -> Checkpoint {
    try JSONDecoder().decode(Document.self, from: Data(bytes)).checkpoint
  }
}
